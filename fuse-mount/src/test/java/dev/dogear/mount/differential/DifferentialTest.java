package dev.dogear.mount.differential;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test of the test: two directories of the same file system do not differ, and a difference is found. */
final class DifferentialTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 1000);

    @TempDir
    Path folder;

    @Test
    void twoDirectoriesOfOneFileSystemAreAlike() throws IOException {
        long seed = Long.getLong("dogear.seed", 1);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path reference = Files.createDirectory(folder.resolve("reference"));
        Path subject = Files.createDirectory(folder.resolve("subject"));
        new DifferentialRun(seed).run(reference, subject, ROUNDS);
    }

    @Test
    void aDifferenceIsFound() throws IOException {
        Path reference = Files.createDirectory(folder.resolve("reference"));
        Path subject = Files.createDirectory(folder.resolve("subject"));
        Files.writeString(subject.resolve("other"), "x");
        AssertionError found =
                assertThrows(AssertionError.class, () -> new DifferentialRun(1).run(reference, subject, 100));
        assertTrue(String.valueOf(found.getMessage()).contains("other"));
    }
}

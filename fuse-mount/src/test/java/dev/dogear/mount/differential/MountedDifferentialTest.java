package dev.dogear.mount.differential;

import dev.dogear.mount.mounts.MountedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bookmark's directory against one of the host's file system: names, data, metadata and errno are the same, with
 * checkpoints in between or without.
 */
@EnabledIf("possible")
final class MountedDifferentialTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 4000);

    @TempDir
    Path folder;

    static boolean possible() {
        return MountedStore.possible();
    }

    @Test
    void aBookmarkIsAsGoodAsADirectoryOfTheHost() throws IOException {
        compare(Long.getLong("dogear.seed", 1), false);
    }

    @Test
    void checkpointsAreNotSeen() throws IOException {
        compare(Long.getLong("dogear.seed", 2), true);
    }

    private void compare(long seed, boolean checkpoints) throws IOException {
        Path reference = Files.createDirectory(folder.resolve("reference"));
        // Some operations are another user's.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (MountedStore mounted = MountedStore.start(folder, "newest", "others")) {
            mounted.ask("repository work");
            Path subject = mounted.bookmark("work", "main");
            Files.setPosixFilePermissions(reference, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setPosixFilePermissions(subject, PosixFilePermissions.fromString("rwxrwxrwx"));
            new DifferentialRun(seed).run(reference, subject, ROUNDS, () -> {
                if (checkpoints) {
                    checkpoint(mounted);
                }
            });
        }
    }

    private static void checkpoint(MountedStore mounted) {
        try {
            mounted.ask("checkpoint work main");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.dogear.mount.differential;

import dev.dogear.mount.mounts.MountedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bookmark's directory against one of the host's file system: names, data, metadata and errno are the same, with
 * checkpoints in between or without.
 */
final class MountedDifferentialTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 4000);

    /** Offsets beyond 5 GiB: without SEEK_DATA the test would read all of the hole before them. */
    private static final String FAR = "536[89]\\d{6}";

    private static final String NOTHING = "";

    /** Files without a name, shared maps, access control lists, other users and the like: libfuse 2.9 has none or refuses them. */
    private static final String SPECIALS =
            "(as \\d+:\\d+|unnamed|store|set .*acl|remove .*acl|mknod|umask|write at .* look|chown of nobody) .*|";

    private static final String RENAME_AND_RMDIR = SPECIALS + "(rename|rmdir|remove all) .*|.*\\b" + FAR + "\\b.*";
    private static final String DESCRIPTORS_AND_RENAME_FLAGS =
            SPECIALS + "(open|make, open) .*|rename .* flags [1-3]|.*\\b" + FAR + "\\b.*";

    @TempDir
    Path folder;

    @Test
    void aBookmarkIsAsGoodAsADirectoryOfTheHost() throws IOException {
        compare(Long.getLong("dogear.seed", 1), false);
    }

    @Test
    void checkpointsAreNotSeen() throws IOException {
        compare(Long.getLong("dogear.seed", 2), true);
    }

    @Test
    @EnabledIf("dev.dogear.mount.mounts.RingSwitch#possible")
    void ioUringIsAsGood() throws IOException {
        compare(Long.getLong("dogear.seed", 5), true, NOTHING, "io-uring");
    }

    /** Without flags of rename, which libfuse 2.9 does not pass on, and without directories that go while a file removed from
     * them is open. */
    @Test
    void jnrFuseIsAsGood() throws IOException {
        compare(Long.getLong("dogear.seed", 3), true, RENAME_AND_RMDIR, "jnr-fuse");
    }

    @Test
    void jnrFuseIsAsGoodWithNames() throws IOException {
        compare(Long.getLong("dogear.seed", 4), false, DESCRIPTORS_AND_RENAME_FLAGS, "jnr-fuse");
    }

    private void compare(long seed, boolean checkpoints) throws IOException {
        compare(seed, checkpoints, NOTHING);
    }

    private void compare(long seed, boolean checkpoints, String leftOut, String... options) throws IOException {
        Path reference = Files.createDirectory(folder.resolve("reference"));
        // Some operations are another user's.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int rounds = leftOut.isEmpty() ? ROUNDS : ROUNDS / 4;
        List<String> all = new ArrayList<>(List.of(options));
        all.add("others");
        try (MountedStore mounted = MountedStore.start(folder, all.toArray(String[]::new))) {
            mounted.ask("repository work");
            Path subject = mounted.bookmark("work", "main");
            Files.setPosixFilePermissions(reference, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setPosixFilePermissions(subject, PosixFilePermissions.fromString("rwxrwxrwx"));
            new DifferentialRun(seed, operation -> operation.matches(leftOut)).run(reference, subject, rounds, () -> {
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

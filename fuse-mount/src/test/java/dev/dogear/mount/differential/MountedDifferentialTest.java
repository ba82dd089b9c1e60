package dev.dogear.mount.differential;

import dev.dogear.mount.mounts.MountedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bookmark's directory against one of the host's file system: names, data, metadata and errno are the same, with
 * checkpoints in between or without. Several such pairs at once on one mount, since a single one mostly waits.
 */
final class MountedDifferentialTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 4000);

    private static final int LANES = 4;
    /** From the seed of one lane to that of the next. */
    private static final int SEEDS_APART = 100;

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
        // Some operations are another user's.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int rounds = leftOut.isEmpty() ? ROUNDS : ROUNDS / 4;
        Pattern pattern = Pattern.compile(leftOut);
        List<String> all = new ArrayList<>(List.of(options));
        all.add("others");
        try (MountedStore mounted = MountedStore.start(folder, all.toArray(String[]::new))) {
            mounted.ask("repository work");
            List<Callable<Void>> lanes = new ArrayList<>();
            for (int number = 0; number < LANES; number++) {
                Lane lane = new Lane(mounted, "lane-" + number, checkpoints);
                mounted.ask("bookmark work " + lane.bookmark + " main");
                long own = seed + (long) number * SEEDS_APART;
                lanes.add(() -> lane.run(folder, own, rounds / LANES, pattern.asMatchPredicate()));
            }
            runAll(lanes);
        }
    }

    private static void runAll(List<Callable<Void>> lanes) {
        ExecutorService threads = Executors.newFixedThreadPool(LANES);
        try {
            for (Future<Void> lane : threads.invokeAll(lanes)) {
                lane.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            threads.shutdownNow();
        }
    }

    /** One pair of directories: of the host, and of a bookmark. */
    private record Lane(MountedStore mounted, String bookmark, boolean checkpoints) {
        Void run(Path folder, long seed, int count, Predicate<String> leftOut) throws IOException {
            Path reference = Files.createDirectory(folder.resolve("reference-" + bookmark));
            Path subject = mounted.bookmark("work", bookmark);
            for (Path directory : List.of(reference, subject)) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
                Files.setLastModifiedTime(directory, FileTime.from(Instant.EPOCH));
            }
            new DifferentialRun(seed, leftOut).run(reference, subject, count, this::checkpoint);
            return null;
        }

        private void checkpoint() {
            if (!checkpoints) {
                return;
            }
            try {
                mounted.ask("checkpoint work " + bookmark);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs edit names while their bookmark is checkpointed again and again; at any moment the files on disk, opened as
 * after the death of the daemon, hold every edit that returned.
 */
class EditsOverCheckpointsTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 3);
    private static final int WRITERS = 3;
    private static final int DIRECTORIES = 6;
    private static final int FILES = 30;
    private static final int MS_MIN = 100;
    /** Less than the delay of folding, so that LMDB's files do not change while they are copied. */
    private static final int MS_MAX = 900;

    @TempDir
    Path folder;

    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    @Test
    void whatReturnedIsOnDiskAtAnyMoment() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("EditsOverCheckpointsTest: dogear.seed=" + seed + " dogear.rounds=" + ROUNDS);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Path data = folder.resolve("data" + round);
            Path copy = folder.resolve("copy" + round);
            SortedMap<String, String> live = editAndCopy(data, copy, random);
            assertEquals(live, opened(copy), "round " + round + " of seed " + seed);
            MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
            MoreFiles.deleteRecursively(copy, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private SortedMap<String, String> editAndCopy(Path data, Path copy, SplittableRandom random) throws Exception {
        stopped = false;
        try (Store store = Store.open(data, InstantSource.system())) {
            Repository repository = store.createRepository("project", "main", "tester");
            Workspace workspace = repository.workspace("main");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int number = i;
                SplittableRandom own = random.split();
                threads.add(new Thread(() -> write(new LiveFiles(workspace), "w" + number, own)));
            }
            threads.add(new Thread(() -> checkpoint(repository)));
            threads.forEach(Thread::start);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(MS_MIN, MS_MAX));
            SortedMap<String, String> live;
            workspace.gate().close();
            try {
                live = new LiveFiles(workspace).all();
                copy(data, copy);
            } finally {
                workspace.gate().open();
            }
            stopped = true;
            for (Thread thread : threads) {
                thread.join();
            }
            if (!failures.isEmpty()) {
                throw new AssertionError(failures.peek());
            }
            return live;
        }
    }

    private static SortedMap<String, String> opened(Path copy) throws PosixException {
        try (Store store = Store.open(copy, InstantSource.system())) {
            SortedMap<String, String> found =
                    new LiveFiles(store.repository("project").workspace("main")).all();
            assertEquals(List.of(), StoreCheck.run(store).problems());
            return found;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(from)) {
            all = walk.toList();
        }
        for (Path path : all) {
            Path target = to.resolve(from.relativize(path).toString());
            // The journal's next segment may be made meanwhile.
            if (Files.exists(path)) {
                Files.copy(path, target);
            }
        }
    }

    private void checkpoint(Repository repository) {
        try {
            for (int i = 0; !stopped; i++) {
                repository.checkpoint("main", CheckpointRequest.of("checkpoint " + i), "tester");
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private void write(LiveFiles files, String top, SplittableRandom random) {
        try {
            for (int i = 0; !stopped; i++) {
                operation(files, top, i, random);
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private static void operation(LiveFiles files, String top, int number, SplittableRandom random) {
        String directory = top + "/d" + random.nextInt(DIRECTORIES);
        String file = directory + "/f" + random.nextInt(FILES);
        String other = top + "/d" + random.nextInt(DIRECTORIES);
        try {
            switch (random.nextInt(6)) {
                case 0, 1 -> files.write(file, "content " + number);
                case 2 -> files.delete(file);
                case 3 -> files.rename(file, other + "/f" + random.nextInt(FILES));
                case 4 -> files.rename(directory, other + "/d" + random.nextInt(DIRECTORIES));
                default -> files.delete(directory);
            }
        } catch (PosixException e) {
            // What is not there, or not empty, cannot be removed: an answer like any other.
            return;
        }
    }
}

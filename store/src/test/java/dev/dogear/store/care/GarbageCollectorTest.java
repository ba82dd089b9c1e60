package dev.dogear.store.care;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.care.GarbageCollector.Point;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What nobody can reach goes, all else stays, whatever comes in between. */
final class GarbageCollectorTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path data;

    @Test
    void givesSpaceBackToTheHost() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.files("main").write("kept", CaredStore.noise(1, MIB));
            store.checkpoint("main", "kept");
            abandon(store, 2, 16 * MIB);
            store.fold();
            store.keepNothing();
            long before = store.blocks();
            GarbageCollector.Report rehearsed =
                    new GarbageCollector(store.repository(), (stage, done, total) -> {}).rehearse();
            assertEquals(List.of("objects"), store.objectFolders(), "a rehearsal changes nothing");
            GarbageCollector.Report report = store.collect();
            long given = before - store.blocks();
            assertTrue(given > 16 * MIB, "given back to the host: " + given);
            assertTrue(
                    Math.abs(rehearsed.reclaimedBytes() - report.reclaimedBytes()) < 2 * MIB, rehearsed + " " + report);
            assertEquals(List.of("objects.1"), store.objectFolders());
            assertArrayEquals(CaredStore.noise(1, MIB), content(store, "kept"));
            store.reopen();
            assertArrayEquals(CaredStore.noise(1, MIB), content(store, "kept"));
        }
    }

    /** Makes a change that nothing leads to once its time is over. */
    private static Change abandon(CaredStore store, long seed, int length) throws Exception {
        Repository repository = store.repository();
        repository.createBookmark("doomed", repository.bookmark("main").change(), CaredStore.BY);
        store.files("doomed").write("folder/waste", CaredStore.noise(seed, length));
        Change change = store.checkpoint("doomed", "waste");
        // As a kernel remembers it, without having it open.
        store.files("doomed").open("folder/waste");
        repository.deleteBookmark("doomed", null, CaredStore.BY);
        // The newest operation never expires: the deletion must not be it.
        store.files("main").write("touch", "touched " + seed + "\n");
        store.checkpoint("main", "touched");
        return change;
    }

    private static byte[] content(CaredStore store, String path) throws Exception {
        LiveFiles files = store.files("main");
        return files.bytes((FileNode) files.open(path));
    }

    @Test
    void keepsWhatRetentionKeeps() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.files("main").write("a", "one\n");
            Change first = store.checkpoint("main", "one");
            store.files("main").write("a", "two\n");
            store.checkpoint("main", "two");
            store.repository().createBookmark("gone", first.id(), CaredStore.BY);
            store.files("gone").write("b", "work\n");
            Change work = store.checkpoint("gone", "work");
            store.repository().deleteBookmark("gone", null, CaredStore.BY);
            store.later(Duration.ofDays(29));
            store.files("main").write("a", "three\n");
            store.checkpoint("main", "three");
            assertEquals(0, store.collect().operations());
            assertEquals(
                    work.id(), store.repository().resolve(work.id().toString()).id());
            store.later(Duration.ofDays(2));
            GarbageCollector.Report report = store.collect();
            assertEquals(6, report.operations(), "all but the last checkpoint");
            assertEquals(1, report.changes());
            StoreException gone = assertThrows(StoreException.class, () -> store.repository()
                    .resolve(work.id().toString()));
            assertEquals(StoreException.Kind.NOT_FOUND, gone.kind());
            assertEquals(
                    3,
                    store.repository()
                            .log(store.repository().resolve("main"), 0, 9)
                            .size());
            store.repository().undo("main", 0, CaredStore.BY);
            assertEquals("two\n", store.files("main").read("a"));
            store.repository().redo("main", CaredStore.BY);
            assertEquals("three\n", store.files("main").read("a"));
        }
    }

    @Test
    void keepsForEverIfToldTo() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Change change = abandon(store, 3, 1000);
            store.repository().configure(Map.of("retention", "forever"));
            store.later(Duration.ofDays(10_000));
            GarbageCollector.Report report = store.collect();
            assertEquals(0, report.operations() + report.changes());
            assertEquals(
                    change.id(),
                    store.repository().resolve(change.id().toString()).id());
        }
    }

    @Test
    void keepsEditsAndOpenFilesWithoutAName() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles files = store.files("main");
            files.write("open", CaredStore.noise(5, 3 * MIB));
            files.write("edited", CaredStore.noise(6, 3 * MIB));
            store.checkpoint("main", "both");
            FileNode open = (FileNode) files.open("open");
            files.delete("open");
            store.checkpoint("main", "without");
            files.append("edited", "more");
            store.files("main").write("touch", "x\n");
            store.checkpoint("main", "later");
            files.append("edited", "and more");
            store.fold();
            store.keepNothing();
            store.collect();
            store.collect();
            assertArrayEquals(CaredStore.noise(5, 3 * MIB), files.bytes(open));
            assertEquals(3 * MIB + 12, content(store, "edited").length);
            store.reopen();
            assertEquals(3 * MIB + 12, content(store, "edited").length);
        }
    }

    @Test
    void anOpenFileOfADeletedBookmarkStaysReadable() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            repository.createBookmark("going", repository.bookmark("main").change(), CaredStore.BY);
            LiveFiles files = store.files("going");
            Workspace workspace = repository.workspace("going");
            files.write("read", CaredStore.noise(30, 2 * MIB));
            store.checkpoint("going", "going");
            FileNode open = (FileNode) files.open("read");
            workspace.opened(open, false);
            repository.deleteBookmark("going", null, CaredStore.BY);
            store.files("main").write("touch", "x\n");
            store.checkpoint("main", "later");
            store.fold();
            store.keepNothing();
            store.collect();
            assertArrayEquals(CaredStore.noise(30, 2 * MIB), files.bytes(open));
            workspace.closed(open, false);
            assertTrue(store.collect().reclaimedBytes() > MIB);
        }
    }

    /** A checkpoint stores what is there already, but in nobody's reach: it must not be collected under it. */
    @ParameterizedTest
    @EnumSource(Point.class)
    void aCheckpointOfWhatIsJustBeingCollected(Point at) throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            abandon(store, 7, 2 * MIB);
            store.fold();
            store.keepNothing();
            new GarbageCollector(store.repository(), (stage, done, total) -> {}, interrupting(at, () -> {
                        store.files("main").write("folder/waste", CaredStore.noise(7, 2 * MIB));
                        store.checkpoint("main", "the same again");
                    }))
                    .run();
            store.check();
            assertArrayEquals(CaredStore.noise(7, 2 * MIB), content(store, "folder/waste"));
            store.collect();
            store.reopen();
            assertArrayEquals(CaredStore.noise(7, 2 * MIB), content(store, "folder/waste"));
        }
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void verbsInBetween(Point at) throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            abandon(store, 8, MIB);
            Repository repository = store.repository();
            repository.createBookmark("side", repository.bookmark("main").change(), CaredStore.BY);
            store.files("side").write("side", CaredStore.noise(9, MIB));
            store.checkpoint("side", "side");
            store.files("main").write("main", CaredStore.noise(10, MIB));
            store.checkpoint("main", "main");
            store.fold();
            store.keepNothing();
            new GarbageCollector(repository, (stage, done, total) -> {}, interrupting(at, () -> {
                        repository.merge(new MergeRequest("main", "side", false, null, null, null), CaredStore.BY);
                        repository.undo("main", 0, CaredStore.BY);
                        repository.redo("main", CaredStore.BY);
                        repository.createBookmark(
                                "new", repository.bookmark("main").change(), CaredStore.BY);
                        store.files("new").write("new", CaredStore.noise(11, MIB));
                        store.fold();
                        store.files("new").append("new", "!");
                    }))
                    .run();
            store.check();
            assertArrayEquals(CaredStore.noise(9, MIB), content(store, "side"));
            assertArrayEquals(CaredStore.noise(10, MIB), content(store, "main"));
            store.reopen();
            assertArrayEquals(CaredStore.noise(9, MIB), content(store, "side"));
            LiveFiles files = store.files("new");
            assertEquals(MIB + 1, files.bytes((FileNode) files.open("new")).length);
        }
    }

    /** Something that may fail. */
    private interface Act {
        void run() throws Exception;
    }

    private static Consumer<Point> interrupting(Point at, Act act) {
        return point -> {
            if (point == at) {
                try {
                    act.run();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"EXPIRED", "NOTED", "MARKED", "COPIED"})
    void aFailedOneLeavesNothingBehind(Point at) throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            abandon(store, 12, MIB);
            store.fold();
            store.keepNothing();
            GarbageCollector failing = new GarbageCollector(store.repository(), (stage, done, total) -> {}, point -> {
                if (point == at) {
                    throw new StoreException(StoreException.Kind.IO, "made to fail");
                }
            });
            assertThrows(StoreException.class, failing::run);
            assertEquals(List.of("objects"), store.objectFolders());
            store.check();
            store.collect();
            assertEquals(List.of("objects.1"), store.objectFolders());
        }
    }

    @Test
    void whileVerbsRun() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.keepNothing();
            AtomicBoolean end = new AtomicBoolean();
            AtomicInteger checkpoints = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; !end.get(); i++) {
                        // The same few contents again and again, so that dead ones are written anew.
                        store.files("main").write("file" + i % 3, CaredStore.noise(i % 5, 200_000));
                        store.checkpoint("main", "checkpoint " + i);
                        if (i % 4 == 0) {
                            store.repository().undo("main", 1, CaredStore.BY);
                        }
                        store.later(Duration.ofSeconds(2));
                        checkpoints.incrementAndGet();
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            writer.start();
            int collections = 0;
            long until = System.nanoTime() + 3_000_000_000L;
            while (System.nanoTime() < until || checkpoints.get() < 20) {
                store.collect();
                collections++;
                if (failure.get() != null) {
                    throw new AssertionError(failure.get());
                }
            }
            end.set(true);
            writer.join();
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
            assertTrue(collections > 3, collections + " collections, " + checkpoints + " checkpoints");
        }
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void aDeathLeavesTheOldOrTheNew(Point at) throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.files("main").write("kept", CaredStore.noise(20, MIB));
            abandon(store, 21, 2 * MIB);
            store.keepNothing();
            store.files("main").write("edited", CaredStore.noise(22, MIB));
        }
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledCollector.class.getName(),
                        data.toString(),
                        at.name())
                .inheritIO()
                .start();
        assertEquals(KilledCollector.DEAD, child.waitFor());
        try (CaredStore store = new CaredStore(data)) {
            assertEquals(1, store.objectFolders().size(), store.objectFolders().toString());
            store.check();
            assertArrayEquals(CaredStore.noise(20, MIB), content(store, "kept"));
            assertArrayEquals(CaredStore.noise(22, MIB), content(store, "edited"));
            // What was collected, or not, is stored again.
            store.files("main").write("folder/waste", CaredStore.noise(21, 2 * MIB));
            store.checkpoint("main", "again");
            store.later(Duration.ofHours(3));
            store.collect();
            assertArrayEquals(CaredStore.noise(21, 2 * MIB), content(store, "folder/waste"));
        }
    }

    /** What common ancestors gave when merged is remembered for the next merge, and nobody refers to it. */
    @Test
    void mergesAgainWhatHadSeveralCommonAncestors() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            for (String name : List.of("a", "b")) {
                repository.createBookmark(name, repository.bookmark("main").change(), CaredStore.BY);
                store.files(name).write("of " + name, name);
                store.checkpoint(name, name);
                repository.createBookmark(
                        "old " + name, repository.bookmark(name).change(), CaredStore.BY);
            }
            merge(repository, "a", "old b");
            merge(repository, "b", "old a");
            store.files("a").write("more of a", "a");
            store.files("b").write("more of b", "b");
            store.checkpoint("a", "more");
            store.checkpoint("b", "more");
            merge(repository, "a", "b");
            repository.undo("a", 0, CaredStore.BY);
            store.fold();
            store.keepNothing();
            store.collect();
            merge(repository, "a", "b");
            assertEquals(
                    Set.of("of a", "of b", "more of a", "more of b"),
                    store.files("a").all().keySet());
        }
    }

    private static void merge(Repository repository, String target, String source) {
        repository.merge(new MergeRequest(target, source, false, null, null, null), CaredStore.BY);
    }
}

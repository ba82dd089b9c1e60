package dev.dogear.store.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.NewBookmark;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.log.BookmarkFacts;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository of a backup is the one there was at one moment, and works on. */
final class BackupTest {
    private static final String BY = "tester";

    @TempDir
    Path folder;

    private Store store;
    private Repository repository;

    @BeforeEach
    void open() {
        store = Store.open(folder.resolve("data"), Instant::now);
        repository = store.createRepository("project", "main", BY);
    }

    @AfterEach
    void close() {
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
    }

    private Path backups() {
        return folder.resolve("backup");
    }

    private Backup.Report backUp() {
        return new Backup(store, backups(), (stage, done, total) -> {}).run(List.of("project"));
    }

    /** Restored into a store of its own, which is checked when it closes. */
    private Restored restored() {
        return new Restored(folder.resolve("restored" + System.nanoTime()), backups());
    }

    private static final class Restored implements AutoCloseable {
        final Store store;

        Restored(Path data, Path backup) {
            store = Store.open(data, Instant::now);
            new Restore(store, backup, (stage, done, total) -> {}).run(null, null);
        }

        Repository repository() {
            return store.repository("project");
        }

        LiveFiles files(String bookmark) {
            return new LiveFiles(repository().workspace(bookmark));
        }

        @Override
        public void close() {
            assertEquals(List.of(), StoreCheck.run(store).problems());
            store.close();
        }
    }

    private LiveFiles files(String bookmark) {
        return new LiveFiles(repository.workspace(bookmark));
    }

    private Change checkpoint(String bookmark, String message) {
        return repository
                .checkpoint(bookmark, CheckpointRequest.of(message), BY)
                .change();
    }

    @Test
    void allOfItComesBack() throws Exception {
        files("main").write("a", "one\n");
        Change first = checkpoint("main", "first");
        repository.createBookmark("gone", first.id(), BY);
        files("gone").write("b", "of gone\n");
        checkpoint("gone", "b");
        repository.deleteBookmark("gone", null, BY);
        repository.createBookmark("kept", first.id(), BY);
        files("kept").write("c", "of kept\n");
        checkpoint("kept", "c");
        repository.propose("kept", "main", "take c", new Proposal.Who("ann", "1"));
        repository.protect("main", true);
        files("kept").write("edit", "not checkpointed\n");
        backUp();
        try (Restored restored = restored()) {
            Repository again = restored.repository();
            assertEquals(
                    repository.operations(0, 100).toString(),
                    again.operations(0, 100).toString());
            assertEquals(repository.resolve("main"), again.resolve("main"));
            assertEquals("not checkpointed\n", restored.files("kept").read("edit"));
            assertTrue(again.isProtected("main"));
            assertEquals("take c", again.proposalsOf("kept").get(0).message());
            again.undo("gone", 0, BY);
            assertEquals("of gone\n", restored.files("gone").read("b"));
            again.merge(new MergeRequest("main", "kept", true, null, null, null), BY);
            assertEquals("of kept\n", restored.files("main").read("c"));
        }
        // Beside the one there is, under another name.
        StoreException taken = assertThrows(StoreException.class, () -> restore("project", null));
        assertEquals(Kind.ALREADY_EXISTS, taken.kind());
        restore("project", "copy");
        Repository copy = store.repository("copy");
        assertEquals("one\n", new LiveFiles(copy.workspace("main")).read("a"));
        new LiveFiles(copy.workspace("kept")).write("edit", "of the copy\n");
        assertEquals("not checkpointed\n", files("kept").read("edit"));
    }

    @Test
    void whatIsKnownOfABookmarkComesBackWithIt() {
        Change first = checkpoint("main", "first");
        repository.createBookmark(new NewBookmark("session", first.id(), "main", Duration.ofDays(7)), BY);
        BookmarkFacts facts = repository.facts();
        int number = repository.bookmark("session").number();
        assertNotNull(facts.expiry(number));
        backUp();
        // Beside the one there is, so that every number is another.
        restore("project", "copy");
        Repository copy = store.repository("copy");
        int its = copy.bookmark("session").number();
        assertEquals(facts.origin(number), copy.facts().origin(its));
        assertEquals(facts.expiry(number), copy.facts().expiry(its));
        assertEquals(2, copy.facts().numbers().size(), "of main and of session");
        assertNull(copy.facts().expiry(copy.bookmark("main").number()));
    }

    @Test
    void aSecondOneWritesWhatIsNew() throws Exception {
        byte[] noise = new byte[8 << 20];
        new SplittableRandom(1).nextBytes(noise);
        files("main").write("big", noise);
        checkpoint("main", "big");
        Backup.Report first = backUp();
        assertTrue(first.newBytes() > noise.length, first.toString());
        files("main").write("small", "new\n");
        checkpoint("main", "small");
        Backup.Report second = backUp();
        assertTrue(second.newBytes() < 100_000, second.toString());
        assertTrue(second.bytes() > noise.length, second.toString());
        Backup.Report third = backUp();
        assertEquals(0, third.objects());
        try (Restored restored = restored()) {
            assertEquals("new\n", restored.files("main").read("small"));
            LiveFiles files = restored.files("main");
            assertArrayEquals(noise, files.bytes((FileNode) files.open("big")));
        }
    }

    @Test
    void isOneMomentWhileProgramsWrite() throws Exception {
        LiveFiles main = files("main");
        main.write("first", "0");
        main.write("second", "0");
        AtomicBoolean end = new AtomicBoolean();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            try {
                for (int i = 1; !end.get(); i++) {
                    main.write("first", Integer.toString(i));
                    main.write("second", Integer.toString(i));
                    if (i % 20 == 0) {
                        checkpoint("main", "at " + i);
                    }
                }
            } catch (PosixException | RuntimeException e) {
                failed.set(e);
            }
        });
        writer.start();
        for (int round = 0; round < 4; round++) {
            Thread.sleep(50);
            backUp();
            try (Restored restored = restored()) {
                String first = restored.files("main").read("first");
                String second = restored.files("main").read("second");
                // A write empties the file first: a moment may be in between.
                String shown = "first " + first + ", second " + second;
                assertTrue(
                        first != null
                                && second != null
                                && (first.isEmpty() || second.isEmpty() || distance(first, second) <= 1),
                        shown);
            }
        }
        end.set(true);
        writer.join();
        assertNull(failed.get());
    }

    private static int distance(String first, String second) {
        return Math.abs(Integer.parseInt(first) - Integer.parseInt(second));
    }

    @Test
    void aDamagedOneIsRefusedAndTheFileNamed() throws Exception {
        files("main").write("a", "one\n");
        checkpoint("main", "first");
        backUp();
        List<Path> all = new ArrayList<>(List.of(backups().resolve("dogear-backup")));
        try (Stream<Path> found = Files.walk(backups().resolve("repos"))) {
            found.filter(Files::isRegularFile).forEach(all::add);
        }
        assertEquals(3, all.size(), all.toString());
        for (Path file : all) {
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(file, bad);
            assertRefused(file);
            Files.write(file, Arrays.copyOf(good, good.length - 3));
            assertRefused(file);
            Files.write(file, good);
        }
        Files.delete(all.get(1));
        assertRefused(all.get(1));
    }

    @Test
    void aListThatIsNoTextIsDamagedAndKeepsNoLock() throws Exception {
        backUp();
        Path list = backups().resolve("dogear-backup");
        byte[] good = Files.readAllBytes(list);
        byte[] bad = good.clone();
        bad[bad.length / 2] = (byte) 0xff;
        Files.write(list, bad);
        assertRefused(list);
        assertEquals(
                Kind.CORRUPT, assertThrows(StoreException.class, this::backUp).kind());
        Files.write(list, good);
        assertEquals(1, backUp().repositories());
    }

    @Test
    void oneOfNoRepositoriesIsOne() throws Exception {
        Backup none = new Backup(store, backups(), (stage, done, total) -> {});
        assertEquals(0, none.run(List.of()).repositories());
        assertEquals(
                Kind.NOT_FOUND,
                assertThrows(StoreException.class, () -> restore(null, null)).kind());
        assertEquals(1, backUp().repositories());
    }

    private List<String> restore(@Nullable String name, @Nullable String as) {
        return new Restore(store, backups(), (stage, done, total) -> {}).run(name, as);
    }

    @Test
    void thereMustBeRoomForAllOfThem() throws Exception {
        store.createRepository("other", "main", BY);
        new Backup(store, backups(), (stage, done, total) -> {}).run(List.of("project", "other"));
        try (Store full = Store.open(folder.resolve("full"), Instant::now)) {
            full.settings().change(Map.of("repositories", "1"));
            Restore restore = new Restore(full, backups(), (stage, done, total) -> {});
            StoreException refused = assertThrows(StoreException.class, () -> restore.run(null, null));
            assertEquals(Kind.LIMIT, refused.kind());
            assertEquals(List.of(), full.repositoryNames());
            assertEquals(List.of("other"), restore.run("other", null));
            assertEquals(
                    Kind.LIMIT,
                    assertThrows(StoreException.class, () -> restore.run("project", null))
                            .kind());
            try (Stream<Path> left = Files.list(folder.resolve("full/repos"))) {
                assertEquals(1, left.count());
            }
        }
    }

    @Test
    void ofTwoOfANameOneIsNamedByItsId() throws Exception {
        files("main").write("a", "of the older\n");
        checkpoint("main", "a");
        String older = repository.id();
        backUp();
        store.deleteRepository("project", BY);
        repository = store.createRepository("project", "main", BY);
        files("main").write("a", "of the newer\n");
        backUp();
        for (String name : Arrays.asList(null, "project")) {
            StoreException refused =
                    assertThrows(StoreException.class, () -> restore(name, name == null ? null : "copy"));
            assertEquals(Kind.INVALID, refused.kind());
            String said = String.valueOf(refused.getMessage());
            assertTrue(said.contains(older) && said.contains(repository.id()), said);
        }
        assertEquals(List.of("project"), store.repositoryNames());
        assertEquals(List.of("old"), restore(older, "old"));
        assertEquals("of the older\n", new LiveFiles(store.repository("old").workspace("main")).read("a"));
        assertEquals(List.of("new"), restore(repository.id(), "new"));
        assertEquals("of the newer\n", new LiveFiles(store.repository("new").workspace("main")).read("a"));
    }

    private void assertRefused(Path file) throws IOException {
        Path data = folder.resolve("refused" + System.nanoTime());
        try (Store other = Store.open(data, Instant::now)) {
            StoreException refused =
                    assertThrows(StoreException.class, () -> new Restore(other, backups(), (stage, done, total) -> {})
                            .run(null, null));
            assertEquals(Kind.CORRUPT, refused.kind());
            assertNotNull(refused.getMessage());
            assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
            assertEquals(List.of(), other.repositoryNames());
        }
    }

    @Test
    void aFolderWithOtherFilesIsRefused() throws Exception {
        Files.createDirectories(backups());
        Files.writeString(backups().resolve("thesis.tex"), "mine");
        assertEquals(
                Kind.INVALID, assertThrows(StoreException.class, this::backUp).kind());
        assertEquals("mine", Files.readString(backups().resolve("thesis.tex")));
    }

    @Test
    void aDeathLeavesTheLastGoodOneAndTheNextGoesOn() throws Exception {
        int rounds = Integer.getInteger("dogear.rounds", 3);
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        files("main").write("n", "0");
        checkpoint("main", "0");
        backUp();
        String last = "0";
        for (int round = 1; round <= rounds; round++) {
            byte[] noise = new byte[4 << 20];
            random.nextBytes(noise);
            files("main").write("noise", noise);
            files("main").write("n", Integer.toString(round));
            checkpoint("main", "n " + round);
            store.close();
            int end = die(random.nextInt(600_000));
            store = Store.open(folder.resolve("data"), Instant::now);
            repository = store.repository("project");
            try (Restored restored = restored()) {
                String shown = restored.files("main").read("n");
                assertEquals(end == 0 ? Integer.toString(round) : shown, shown, "seed " + seed);
                assertTrue(
                        shown != null && List.of(last, Integer.toString(round)).contains(shown), shown);
            }
            backUp();
            last = Integer.toString(round);
            try (Restored restored = restored()) {
                assertEquals(last, restored.files("main").read("n"), "seed " + seed);
            }
        }
    }

    private int die(int micros) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledBackup.class.getName(),
                        folder.resolve("data").toString(),
                        backups().toString(),
                        Integer.toString(micros))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    void randomHistoriesComeBack() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < Integer.getInteger("dogear.rounds", 4); round++) {
            for (int step = 0; step < 40; step++) {
                step(random);
            }
            backUp();
            try (Restored restored = restored()) {
                assertEquals(shown(repository), shown(restored.repository()), "seed " + seed);
                assertEquals(
                        repository.operations(0, 10_000).toString(),
                        restored.repository().operations(0, 10_000).toString(),
                        "seed " + seed);
            }
        }
        assertFalse(repository.bookmarks().isEmpty());
    }

    private static Map<String, Map<String, String>> shown(Repository repository) throws PosixException {
        Map<String, Map<String, String>> shown = new TreeMap<>();
        for (Bookmark bookmark : repository.bookmarks()) {
            shown.put(bookmark.name(), new LiveFiles(repository.workspace(bookmark.name())).all());
        }
        return shown;
    }

    private void step(SplittableRandom random) {
        List<Bookmark> all = repository.bookmarks();
        String bookmark = all.get(random.nextInt(all.size())).name();
        String path = "d" + random.nextInt(3) + "/f" + random.nextInt(5);
        try {
            switch (random.nextInt(9)) {
                case 0, 1, 2, 3 -> files(bookmark).write(path, "text " + random.nextInt());
                case 4 -> files(bookmark).delete(path);
                case 5 -> checkpoint(bookmark, "c");
                case 6 -> repository.undo(bookmark, random.nextInt(2), BY);
                case 7 ->
                    repository.createBookmark(
                            "b" + random.nextInt(4),
                            repository.bookmark(bookmark).change(),
                            BY);
                default -> repository.deleteBookmark(bookmark, null, BY);
            }
        } catch (StoreException | PosixException e) {
            // A name that is taken or not there: what is refused changes nothing.
        }
    }
}

package dev.dogear.store.care;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.dogear.store.RepositoryFolders;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files of a store are damaged: found, repaired, and what is left to say names the losses and nothing else. */
final class RepairTest {
    private static final String NAME = "project";
    private static final int FILES = 40;

    @TempDir
    Path data;

    private static Repair.Report repair(Store store, String name) {
        return new Repair(store, name, (stage, done, total) -> {}).run();
    }

    private static Store open(Path data) {
        return Store.open(data, InstantSource.system());
    }

    private static byte[] content(int i) {
        return CaredStore.noise(i, 2_000 + 500 * i);
    }

    /** A store with files in {@code main}, all of them folded, and the same in the repository {@code other}. */
    private void make() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.store().createRepository("other", "main", CaredStore.BY);
            new LiveFiles(store.store().repository("other").workspace("main")).write("kept", "kept\n");
            for (int i = 0; i < FILES; i++) {
                store.files("main").write("d" + i % 3 + "/f" + i, content(i));
            }
            store.checkpoint("main", "files");
            store.files("main").write("later", "later\n");
            store.checkpoint("main", "later");
            store.fold();
        }
    }

    private static Map<String, String> shown(Store store, String repository, String bookmark) throws Exception {
        return new TreeMap<>(new LiveFiles(store.repository(repository).workspace(bookmark)).all());
    }

    private List<Path> files(String ending) throws IOException {
        try (Stream<Path> walk = Files.walk(data)) {
            return walk.filter(Files::isRegularFile)
                    .filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    /** Changes one byte behind where those bytes are in such a file; they must be there. */
    private Path flip(String ending, byte[] wanted, int behind) throws IOException {
        String needle = new String(wanted, ISO_8859_1);
        for (Path file : files(ending)) {
            int at = new String(Files.readAllBytes(file), ISO_8859_1).indexOf(needle);
            if (at >= 0) {
                change(file, at + behind);
                return file;
            }
        }
        return fail("not in any of " + files(ending));
    }

    private static void change(Path file, long at) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(at);
            int old = opened.read();
            opened.seek(at);
            opened.write(old ^ 0x10);
        }
    }

    private static byte[] part(byte[] bytes) {
        byte[] part = new byte[40];
        System.arraycopy(bytes, 700, part, 0, part.length);
        return part;
    }

    @Test
    void aDamagedObjectIsNamedByItsPathAndAllElseIsThere() throws Exception {
        make();
        Map<String, String> before;
        try (Store store = open(data)) {
            before = shown(store, NAME, "main");
        }
        Path damaged = flip("data.mdb", part(content(7)), 20);
        byte[] bytes = Files.readAllBytes(damaged);
        try (Store store = open(data)) {
            Repair.Report report = repair(store, NAME);
            assertFalse(report.found().isEmpty());
            assertFalse(report.left().isEmpty());
            for (String left : report.left()) {
                assertTrue(left.contains("/d1/f7 "), left);
            }
            Path aside = requireNonNull(report.aside());
            assertArrayEquals(
                    bytes, Files.readAllBytes(aside.resolve("objects/data.mdb")), "the damaged bytes are kept");
            LiveFiles files = new LiveFiles(store.repository(NAME).workspace("main"));
            assertNull(files.read("d1/f7"));
            for (Map.Entry<String, String> each : before.entrySet()) {
                if (!each.getKey().endsWith("/") && !each.getKey().equals("d1/f7")) {
                    assertEquals(each.getValue(), files.read(each.getKey()), each.getKey());
                }
            }
            // The same content, stored again, heals what refers to it.
            files.write("again", content(7));
            store.repository(NAME).checkpoint("main", CheckpointRequest.of("again"), CaredStore.BY);
            assertEquals(List.of(), StoreCheck.run(store).problems());
            assertEquals(before.get("d1/f7"), files.read("d1/f7"));
            assertEquals(Map.of("kept", "kept\n"), shown(store, "other", "main"));
        }
    }

    @Test
    void damageInTheMiddleOfTheJournalIsLeftOutAndTheRestKept() throws Exception {
        make();
        byte[] marker = CaredStore.noise(99, 3_000);
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles files = store.files("main");
            files.write("edited before", "before\n");
            store.repository().tables().journal().flush();
            files.write("lost", marker);
            store.repository().tables().journal().flush();
            for (int i = 0; i < FILES; i++) {
                files.write("edited after " + i, "after " + i + "\n");
                store.repository().tables().journal().flush();
            }
        }
        Path segment = flip(".log", part(marker), 20);
        byte[] bytes = Files.readAllBytes(segment);
        try (Store store = open(data)) {
            List<String> problems = StoreCheck.run(store).problems();
            assertEquals(1, problems.size(), problems.toString());
            assertTrue(problems.get(0).contains("dogear check --repair"), problems.get(0));
            Repair.Report report = repair(store, NAME);
            assertEquals(List.of(), report.left());
            assertTrue(
                    report.done().get(0).contains("is left out"), report.done().toString());
            Path aside = requireNonNull(report.aside());
            assertArrayEquals(bytes, Files.readAllBytes(aside.resolve("journal").resolve(segment.getFileName())));
            kept(store);
        }
        try (Store store = open(data)) {
            kept(store);
            store.repository(NAME).checkpoint("main", CheckpointRequest.of("after"), CaredStore.BY);
        }
        try (Store store = open(data)) {
            kept(store);
            assertEquals(List.of(), StoreCheck.run(store).problems());
            assertEquals(List.of(), repair(store, NAME).found(), "sound now");
        }
    }

    @Test
    void editsOfAFileWhoseBeginningIsLostAreLeftOutAndCounted() throws Exception {
        make();
        try (CaredStore store = new CaredStore(data)) {
            LiveFiles files = store.files("main");
            files.write("born lost", "one\n");
            files.append("born lost", "two\n");
            store.repository().tables().journal().flush();
            for (int i = 0; i < FILES; i++) {
                files.write("edited after " + i, "after " + i + "\n");
                store.repository().tables().journal().flush();
            }
            files.write("edited before", "before\n");
        }
        Path damaged = flip(".log", "born lost".getBytes(UTF_8), 3);
        assertTrue(Files.exists(damaged));
        try (Store store = open(data)) {
            Repair.Report report = repair(store, NAME);
            assertEquals(List.of(), report.left());
            String last = report.done().get(report.done().size() - 1);
            assertTrue(
                    last.matches("Of main [1-9] edits are left out .*"),
                    report.done().toString());
            assertNull(shown(store, NAME, "main").get("born lost"));
            kept(store);
        }
    }

    private static void kept(Store store) throws Exception {
        Map<String, String> shown = shown(store, NAME, "main");
        assertEquals("before\n", shown.get("edited before"));
        assertEquals("later\n", shown.get("later"));
        for (int i = 0; i < FILES; i++) {
            assertEquals("after " + i + "\n", shown.get("edited after " + i));
            assertEquals(new String(content(i), UTF_8), shown.get("d" + i % 3 + "/f" + i));
        }
    }

    @Test
    void aHeaderAndALostFileOfTheJournalAreMadeUpFor() throws Exception {
        make();
        try (CaredStore store = new CaredStore(data)) {
            store.files("main").write("edit", "edit\n");
        }
        change(segments().get(0), 42);
        try (Store store = open(data)) {
            Repair.Report report = repair(store, NAME);
            assertTrue(report.done().get(0).startsWith("The header of the journal file"), report.toString());
            assertEquals(List.of(), report.left());
            assertEquals("edit\n", shown(store, NAME, "main").get("edit"));
        }
        for (Path segment : segments()) {
            Files.delete(segment);
        }
        try (Store store = open(data)) {
            assertFalse(StoreCheck.run(store).isSound());
            Repair.Report report = repair(store, NAME);
            assertEquals(List.of(), report.left(), report.toString());
            assertNull(shown(store, NAME, "main").get("edit"), "only the journal had it");
            assertEquals("later\n", shown(store, NAME, "main").get("later"));
        }
    }

    /** The journal of the repository. */
    private List<Path> segments() throws IOException {
        Path folder;
        try (Store store = open(data)) {
            folder = data.resolve("repos").resolve(requireNonNull(store.repositoryId(NAME)));
        }
        return files(".log").stream().filter(path -> path.startsWith(folder)).toList();
    }

    @Test
    void aSoundStoreStaysAsItIs() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        for (int round = 0; round < Integer.getInteger("dogear.rounds", 2); round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            data = Files.createDirectories(data.resolve("round" + round));
            try (CaredStore store = new CaredStore(data)) {
                for (int step = 0; step < 80; step++) {
                    RandomPurgeTest.step(store, random);
                }
                String before = everything(store);
                Repair.Report report = repair(store.store(), NAME);
                assertEquals(List.of(), report.found(), "seed " + (seed + round));
                assertNull(report.aside());
                assertEquals(before, everything(store), "seed " + (seed + round));
                store.reopen();
                assertEquals(before, everything(store), "seed " + (seed + round));
            }
        }
    }

    private static String everything(CaredStore store) throws Exception {
        List<String> all = new ArrayList<>();
        for (Bookmark bookmark : store.repository().bookmarks()) {
            all.add(bookmark + " " + store.files(bookmark.name()).states()
                    + store.files(bookmark.name()).all());
        }
        all.add(store.repository().operations(0, 10_000).toString());
        return String.join("\n", all);
    }

    /** As after a kill: nothing in the tables but what the folder took, all else in the journal, which is then damaged anywhere. */
    @Test
    void anyDamageOfTheJournalLeavesAStoreThatGoesOn() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        for (int round = 0; round < Integer.getInteger("dogear.rounds", 6); round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            String where = "seed " + (seed + round);
            Path live = Files.createDirectories(data.resolve("live" + round));
            Path killed = data.resolve("killed" + round);
            try (CaredStore store = new CaredStore(live)) {
                for (int step = 0; step < 60; step++) {
                    RandomPurgeTest.step(store, random);
                    store.repository().tables().journal().flush();
                }
                copy(live, killed);
            }
            damageJournal(killed, random);
            goesOn(killed, where);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path each : walk.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    private static void damageJournal(Path killed, SplittableRandom random) throws IOException {
        try (Stream<Path> walk = Files.walk(killed)) {
            for (Path file :
                    walk.filter(path -> path.toString().endsWith(".log")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int end = bytes.length;
                while (end > 0 && bytes[end - 1] == 0) {
                    end--;
                }
                for (int i = random.nextInt(4); i >= 0 && end > 0; i--) {
                    int at = random.nextInt(end);
                    int length = Math.min(end - at, 1 + random.nextInt(300));
                    for (int j = at; j < at + length; j++) {
                        bytes[j] ^= (byte) random.nextInt(256);
                    }
                }
                Files.write(file, bytes);
            }
        }
    }

    private static void goesOn(Path killed, String where) throws Exception {
        List<String> left;
        try (Store store = open(killed)) {
            left = repair(store, NAME).left();
            assertEquals(left, StoreCheck.run(store).problems(), where);
            for (String each : left) {
                assertFalse(each.contains("ournal"), where + ": " + each);
            }
            for (Bookmark bookmark : store.repository(NAME).bookmarks()) {
                try {
                    assertTrue(store.repository(NAME).editCount(bookmark.name()) >= 0, where);
                } catch (StoreException e) {
                    // A directory is lost, so nobody can say what differs: then that was told.
                    assertEquals(StoreException.Kind.CORRUPT, e.kind(), where);
                    assertFalse(left.isEmpty(), where);
                }
            }
        }
        try (Store store = open(killed)) {
            assertEquals(left, StoreCheck.run(store).problems(), where);
            if (left.isEmpty()) {
                for (Bookmark bookmark : store.repository(NAME).bookmarks()) {
                    LiveFiles files = new LiveFiles(store.repository(NAME).workspace(bookmark.name()));
                    files.write("goes on", "on\n");
                    assertEquals("on\n", files.read("goes on"), where);
                    store.repository(NAME).checkpoint(bookmark.name(), CheckpointRequest.of("on"), CaredStore.BY);
                }
            }
            assertEquals(left, StoreCheck.run(store).problems(), where);
        }
    }

    @Test
    void aBookmarkIsFoundInLowerCaseAgain() {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            List<Row> gone = new ArrayList<>();
            repository.tables().scan(Table.META, "folded ".getBytes(UTF_8), false, (key, value) -> {
                boolean folded = new String(key, ISO_8859_1).startsWith("folded ");
                if (folded && key.length > "folded ".length() + 2) {
                    gone.add(new Row(Table.META, key, null));
                }
                return folded;
            });
            assertFalse(gone.isEmpty());
            repository.tables().publish(gone).join();
            Repair.Report report = repair(store.store(), NAME);
            assertEquals(1, report.found().size(), report.toString());
            assertEquals(List.of("The bookmark main is found by its name in lower case again"), report.done());
            assertEquals(List.of(), report.left());
            assertNull(report.aside());
        }
    }

    @Test
    void changesAreListedAgain() throws Exception {
        make();
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            List<Row> gone = new ArrayList<>();
            repository.tables().scan(Table.CHANGES, new byte[0], false, (key, value) -> {
                gone.add(new Row(Table.CHANGES, key, null));
                return true;
            });
            assertEquals(2, gone.size());
            repository.tables().publish(gone).join();
            Repair.Report report = repair(store.store(), NAME);
            assertEquals(2, report.found().size(), report.toString());
            assertEquals(2, report.done().size(), report.toString());
            assertEquals(List.of(), report.left());
            for (Row row : gone) {
                assertEquals(32, requireNonNull(store.repository().tables().get(Table.CHANGES, row.key())).length);
            }
        }
    }

    /** The three moments of the replacing, each as a death would leave it. */
    @Test
    void aReplacingThatDiesLeavesTheOldOrTheNew() throws Exception {
        make();
        Path folder = segments().get(0).resolveSibling("").resolveSibling("").normalize();
        Path copy = RepositoryFolders.copy(folder);
        Path repaired = folder.resolveSibling(folder.getFileName() + ".repaired");
        try (Store store = open(data)) {
            store.finishPurges();
            assertFalse(Files.exists(copy), "a copy that nobody said to be whole");
        }
        RepositoryFolders.rename(RepositoryFolders.copy(folder), repaired);
        try (Store store = open(data)) {
            assertEquals("later\n", shown(store, NAME, "main").get("later"));
        }
        Path aside = folder.resolveSibling("aside");
        RepositoryFolders.rename(folder, aside);
        try (Store store = open(data)) {
            assertEquals("later\n", shown(store, NAME, "main").get("later"));
            assertEquals(List.of(), StoreCheck.run(store).problems());
            assertFalse(Files.exists(repaired));
        }
        RepositoryFolders.rename(RepositoryFolders.copy(folder), repaired);
        RepositoryFolders.replace(folder, RepositoryFolders.copy(folder), folder.resolveSibling("aside too"));
        try (Store store = open(data)) {
            assertEquals(List.of(), StoreCheck.run(store).problems());
            assertFalse(Files.exists(repaired));
        }
    }

    @Test
    void whatIsNoRepositoryIsRefused() {
        try (CaredStore store = new CaredStore(data)) {
            StoreException refused = assertThrows(StoreException.class, () -> repair(store.store(), "none"));
            assertEquals(StoreException.Kind.NOT_FOUND, refused.kind());
        }
    }
}

package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class TablesTest {
    private static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);

    @TempDir
    Path folder;

    private Path directory = Path.of("");
    private final Flusher flusher = new Flusher();

    @BeforeEach
    void create() {
        directory = folder.resolve("repository");
        Tables.create(directory, REPOSITORY, List.of(new Row(Table.BOOKMARKS, utf8("main"), utf8("first"))));
    }

    @AfterEach
    void end() {
        flusher.close();
    }

    @Test
    void anEmptyRepositoryIsSmall() throws IOException {
        try (Tables tables = open()) {
            assertEquals("first", text(tables.get(Table.BOOKMARKS, utf8("main"))));
        }
        assertFalse(Files.exists(directory.resolve("journal")));
        try (Stream<Path> files = Files.walk(directory)) {
            long bytes = files.mapToLong(file -> Math.max(4096, file.toFile().length()))
                    .sum();
            assertTrue(bytes <= 128 << 10, "bytes: " + bytes);
        }
    }

    @Test
    void objectsAreThereAtEachStage() {
        Map<ObjectId, byte[]> written = new HashMap<>();
        try (Tables tables = open()) {
            write(tables, 200, 1, written);
            requireAll(tables, written);
            tables.fold(Long.MAX_VALUE);
            requireAll(tables, written);
            write(tables, 200, 2, written);
            requireAll(tables, written);
            requireSound(tables);
        }
        try (Tables tables = open()) {
            requireAll(tables, written);
            requireSound(tables);
            long tail = tables.journal().tail();
            write(tables, 200, 1, new HashMap<>());
            assertEquals(tail, tables.journal().tail(), "objects known are not written again");
        }
    }

    @Test
    void anObjectOfAnotherKindOrNoneIsRefused() {
        try (Tables tables = open()) {
            ObjectId id = tables.objects().write(ObjectKind.CHUNK, bytes("content"));
            ObjectId none = ObjectId.of(ObjectKind.CHUNK, bytes("nothing"));
            for (int stage = 0; stage < 2; stage++) {
                assertFalse(tables.objects().contains(none));
                assertEquals(Kind.CORRUPT, refused(tables, id, ObjectKind.TREE));
                assertEquals(Kind.CORRUPT, refused(tables, none, ObjectKind.CHUNK));
                tables.fold(0);
            }
        }
    }

    private static Kind refused(Tables tables, ObjectId id, ObjectKind kind) {
        return assertThrows(StoreException.class, () -> tables.objects().read(id, kind, ByteBuffer::remaining))
                .kind();
    }

    @Test
    void smallObjectsAreCompressed() throws IOException {
        try (Tables tables = open()) {
            for (int i = 0; i < 1_000; i++) {
                tables.objects().write(ObjectKind.TREE, bytes(("entry " + i + " ").repeat(500)));
            }
        }
        assertTrue(Files.size(directory.resolve("objects/data.mdb")) < 1_000_000);
    }

    /** The same random changes to these tables and to sorted maps; both must show the same at any time. */
    @Test
    void rowsBehaveAsASortedMap() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RowModel model = new RowModel();
        Tables tables = open();
        try {
            for (int round = 0; round < 400 * Integer.getInteger("dogear.rounds", 1); round++) {
                List<Row> rows = model.change(random);
                tables.publish(rows).join();
                if (random.nextInt(15) == 0) {
                    tables.fold(Long.MAX_VALUE);
                }
                if (random.nextInt(40) == 0) {
                    tables.close();
                    tables = open();
                }
                model.compare(tables, random, "seed " + seed + " round " + round);
            }
        } finally {
            tables.close();
        }
    }

    /** A publish moves a mark between two rows; a scan must never see it twice or not at all. */
    @Test
    void aScanSeesAllOfAPublishOrNothing() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (Tables tables = open()) {
            List<byte[]> keys =
                    Stream.of("a", "b", "c", "d").map(TablesTest::utf8).toList();
            publishMark(tables, keys, 0);
            Thread reader = new Thread(() -> {
                boolean backwards = false;
                while (!ended.get()) {
                    List<String> seen = new ArrayList<>();
                    tables.scan(Table.CHANGES, utf8(backwards ? "z" : "a"), backwards, (key, value) -> {
                        seen.add(text(value));
                        return true;
                    });
                    assertEquals(4, seen.size());
                    assertEquals(1, seen.stream().filter("mark"::equals).count(), seen::toString);
                    backwards = !backwards;
                }
            });
            reader.setUncaughtExceptionHandler((who, e) -> failure.set(e));
            reader.start();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            for (int i = 0; System.nanoTime() < end; i++) {
                publishMark(tables, keys, i);
                if (i % 50 == 0) {
                    tables.fold(Long.MAX_VALUE);
                }
            }
            ended.set(true);
            reader.join();
        }
        assertNull(failure.get());
    }

    private static void publishMark(Tables tables, List<byte[]> keys, int at) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            rows.add(new Row(Table.CHANGES, keys.get(i), utf8(i == at % keys.size() ? "mark" : "none")));
        }
        var unused = tables.publish(rows);
    }

    @Test
    void whatIsClosedLeavesNoJournal() throws IOException {
        try (Tables tables = open()) {
            tables.keepFrom(() -> Long.MAX_VALUE);
            write(tables, 100, 3, new HashMap<>());
            tables.publish(List.of(new Row(Table.META, utf8("x"), utf8("y")))).join();
        }
        try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
            assertEquals(64, files.mapToLong(file -> file.toFile().length()).sum());
        }
        try (Tables tables = open()) {
            assertEquals("y", text(tables.get(Table.META, utf8("x"))));
            requireSound(tables);
        }
    }

    @Test
    void foreignRecordsAreKeptUntilNobodyNeedsThem() {
        long edit;
        try (Tables tables = open()) {
            edit = tables.journal().append(Tables.FIRST_FOREIGN_KIND, bytes("an edit"));
            tables.publish(List.of(new Row(Table.META, utf8("x"), utf8("y")))).join();
            tables.keepFrom(() -> edit);
        }
        try (Tables tables = open()) {
            List<Long> found = new ArrayList<>();
            tables.journal().replay(edit, (lsn, kind, payload) -> {
                if (kind >= Tables.FIRST_FOREIGN_KIND) {
                    found.add(lsn);
                }
            });
            assertEquals(List.of(edit), found);
        }
    }

    /** A crash after the objects were folded and before the index was: as if the index and journal were those before. */
    @Test
    void aFoldInterruptedBetweenItsTwoCommitsIsRepeated() throws IOException {
        Map<ObjectId, byte[]> written = new HashMap<>();
        Path before = folder.resolve("before");
        Tables tables = open();
        write(tables, 50, 4, written);
        tables.fold(0);
        write(tables, 150, 5, written);
        tables.publish(List.of(new Row(Table.BOOKMARKS, utf8("main"), utf8("second"))))
                .join();
        copy(directory, before);
        tables.fold(0);
        copy(directory.resolve("objects"), before.resolve("objects"));
        tables.close();
        try (Tables again = Tables.open(before, REPOSITORY, flusher)) {
            requireAll(again, written);
            requireSound(again);
            assertEquals("second", text(again.get(Table.BOOKMARKS, utf8("main"))));
            write(again, 20, 6, written);
            again.fold(Long.MAX_VALUE);
            requireAll(again, written);
            requireSound(again);
        }
    }

    @Test
    void aDamagedRepositoryIsRefusedWithItsReason() throws IOException {
        try (Tables tables = open()) {
            write(tables, 300, 7, new HashMap<>());
        }
        for (String name : List.of("objects/data.mdb", "index/data.mdb")) {
            Path file = directory.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            for (int length :
                    new int[] {0, 100, 5_000, 8_192, whole.length / 2, whole.length - 4096, whole.length - 1}) {
                try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                    cut.setLength(length);
                }
                assertEquals(Kind.CORRUPT, openRefused(), name + " cut to " + length);
                Files.write(file, whole);
            }
            Files.delete(file);
            assertEquals(Kind.CORRUPT, openRefused(), name + " deleted");
            Files.write(file, whole);
        }
        try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertEquals(Kind.CORRUPT, openRefused(), "no journal");
    }

    private Kind openRefused() {
        return assertThrows(StoreException.class, this::open).kind();
    }

    @Test
    void aNewerFormatIsRefused() {
        withIndex(index -> index.write(100, view -> putFormat(view, Meta.FORMAT + 1)));
        assertEquals(Kind.NEWER_FORMAT, openRefused());
    }

    @Test
    void anOlderFormatIsReadAndUpgraded() {
        ObjectId id;
        byte[] content = new byte[40_000];
        try (Tables tables = open()) {
            id = tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content));
        }
        withIndex(index -> index.write(100, view -> putFormat(view, 1)));
        try (Tables tables = open()) {
            assertTrue(tables.objects().contains(id));
        }
        withIndex(index -> {
            try (ReadView view = index.read()) {
                assertEquals(Meta.FORMAT, Meta.requireKnownFormat(view));
            }
        });
    }

    private void withIndex(Consumer<Environment> work) {
        List<String> tables = List.of("ids", "bookmarks", "operations", "changes", "workspaces", "meta");
        try (Environment index = Environment.open(directory.resolve("index"), tables, 1 << 30)) {
            work.accept(index);
        }
    }

    private static void putFormat(WriteView view, int format) {
        view.put(
                ObjectEnvironments.number(Table.META),
                utf8("dogear.format"),
                ByteBuffer.allocate(Integer.BYTES).putInt(format).array());
    }

    @Test
    void theCheckFindsADamagedObject() throws IOException {
        ObjectId id;
        byte[] content = new byte[40_000];
        new Random(1).nextBytes(content);
        try (Tables tables = open()) {
            id = tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content));
        }
        Path file = directory.resolve("objects/data.mdb");
        byte[] bytes = Files.readAllBytes(file);
        int at = indexOf(bytes, Arrays.copyOfRange(content, 20_000, 20_016));
        bytes[at] ^= 1;
        Files.write(file, bytes);
        try (Tables tables = open()) {
            List<String> problems = new ArrayList<>();
            tables.verify(problems::add, count -> {});
            assertTrue(problems.stream().anyMatch(problem -> problem.contains(id.toHex())), problems::toString);
            assertTrue(tables.objects().contains(id));
        }
    }

    @Test
    void theMapGrowsUnderReaders() throws Exception {
        Path small = folder.resolve("small");
        List<String> names = List.of("numbers");
        Environment.create(small, names, 1 << 20, view -> view.put(0, utf8("first"), utf8("here")));
        Environment environment = Environment.open(small, names, 1 << 20);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            while (!ended.get()) {
                try (ReadView view = environment.read()) {
                    assertEquals(ByteBuffer.wrap(utf8("here")), view.get(0, utf8("first")));
                }
            }
        });
        reader.setUncaughtExceptionHandler((who, e) -> failure.set(e));
        reader.start();
        for (int i = 0; i < 20; i++) {
            int number = i;
            // Says it will write nothing, so that the map is found full on the way.
            environment.write(0, view -> {
                for (int k = 0; k < 10; k++) {
                    view.put(0, utf8("key " + number + " " + k), new byte[1 << 16]);
                }
            });
        }
        ended.set(true);
        reader.join();
        environment.close();
        assertNull(failure.get());
    }

    private static void write(Tables tables, int count, long seed, Map<ObjectId, byte[]> written) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(3_000)];
            random.nextBytes(content);
            if (random.nextBoolean()) {
                Arrays.fill(content, (byte) i);
            }
            ByteBuffer buffer = ByteBuffer.wrap(content);
            ObjectId id = tables.objects().write(ObjectKind.CHUNK, buffer);
            assertEquals(content.length, buffer.remaining(), "the caller's buffer stays where it was");
            written.put(id, content);
        }
    }

    private static void requireAll(Tables tables, Map<ObjectId, byte[]> written) {
        written.forEach((id, content) -> {
            assertTrue(tables.objects().contains(id));
            byte[] read = tables.objects().read(id, ObjectKind.CHUNK, buffer -> {
                assertTrue(buffer.isReadOnly());
                assertEquals(0, buffer.position());
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                return bytes;
            });
            assertArrayEquals(content, read);
        });
    }

    static void requireSound(Tables tables) {
        List<String> problems = new ArrayList<>();
        tables.verify(problems::add, count -> {});
        assertEquals(List.of(), problems);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.write(target, Files.readAllBytes(file));
                }
            }
        }
    }

    private Tables open() {
        return Tables.open(directory, REPOSITORY, flusher);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(utf8(text));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "(none)" : new String(bytes, UTF_8);
    }
}

package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small objects are packed by dictionaries, beside others that are not, and all come back as they were. */
@Timeout(300)
class PackingTest {
    private static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);
    private static final String[] WORDS = {
        "private",
        "final",
        "static",
        "return",
        "Repository",
        "Workspace",
        "journal",
        "ObjectId",
        "checkpoint",
        "int",
        "if (value == null) {",
        "throw new IllegalStateException(\"",
        "List<Bookmark>",
        "public",
        "void",
        "}\n",
        ";\n"
    };

    @TempDir
    Path folder;

    private Path directory = Path.of("");
    private final Flusher flusher = new Flusher();
    private final Map<ObjectId, byte[]> written = new HashMap<>();

    @BeforeEach
    void create() {
        directory = folder.resolve("repository");
        Tables.create(directory, REPOSITORY, List.of());
    }

    @AfterEach
    void end() {
        flusher.close();
    }

    private Tables open() {
        return Tables.open(directory, REPOSITORY, flusher);
    }

    private void write(Tables tables, int count, Random random) {
        for (int i = 0; i < count; i++) {
            byte[] content = random.nextInt(20) == 0 ? noise(random) : source(random);
            written.put(tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)), content);
        }
    }

    /** Text of a few words, which has much in common with any other such. */
    private static byte[] source(Random random) {
        StringBuilder text = new StringBuilder("package dev.example.part" + random.nextInt(9) + ";\n\nfinal class C");
        for (int words = random.nextInt(200); words >= 0; words--) {
            text.append(random.nextInt(1000)).append(' ').append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString().getBytes(UTF_8);
    }

    /** Nothing, something or more than is ever packed, that cannot be made shorter. */
    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(3) * random.nextInt(20_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private void requireAll(Tables tables, String when) {
        written.forEach((id, content) -> assertArrayEquals(
                content,
                tables.objects().read(id, ObjectKind.CHUNK, ReadView::bytes),
                () -> when + ": object " + id + " of " + content.length + " bytes"));
        assertEquals(List.of(), problems(tables), when);
    }

    private static List<String> problems(Tables tables) {
        List<String> problems = new ArrayList<>();
        tables.verify(problems::add, count -> {});
        return problems;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void objectsComeBackWithAndWithoutDictionariesOverFoldsReopeningsAndCollections(long seed) {
        Random random = new Random(seed);
        String run = "seed " + seed;
        Tables tables = open();
        try {
            for (int step = 0; step < 12; step++) {
                write(tables, 50 + random.nextInt(300), random);
                tables.fold(Long.MAX_VALUE);
                if (random.nextInt(4) == 0) {
                    tables.close();
                    tables = open();
                }
                if (random.nextInt(4) == 0) {
                    collect(tables, random);
                }
                requireAll(tables, run + ", step " + step);
            }
            write(tables, 1_000, random);
            tables.fold(Long.MAX_VALUE);
            collect(tables, random);
            requireAll(tables, run + ", at the end");
            Tables.Packing packing = tables.packing();
            assertEquals(1, packing.dictionaries(), run);
            assertTrue(packing.smallStoredBytes() < packing.smallBytes() / 2, run + ": " + packing);
        } finally {
            tables.close();
        }
    }

    /** Keeps three of four objects; something is folded while it copies. */
    private void collect(Tables tables, Random random) {
        try (Relocation moving = tables.relocate()) {
            written.keySet().removeIf(id -> random.nextInt(4) == 0);
            written.keySet().forEach(moving::mark);
            moving.copy(count -> {});
            write(tables, 30, random);
            tables.fold(Long.MAX_VALUE);
            moving.finish();
        }
        tables.sweep();
    }

    @Test
    void aCollectionPacksOldObjectsAnew() {
        Random random = new Random(5);
        try (Tables tables = open()) {
            for (int i = 0; i < 4; i++) {
                write(tables, 100, random);
                tables.fold(Long.MAX_VALUE);
            }
            assertEquals(0, tables.packing().dictionaries());
            write(tables, 500, random);
            tables.fold(Long.MAX_VALUE);
            Tables.Packing before = tables.packing();
            assertEquals(1, before.dictionaries());
            try (Relocation moving = tables.relocate()) {
                written.keySet().forEach(moving::mark);
                moving.copy(count -> {});
                moving.finish();
            }
            tables.sweep();
            Tables.Packing after = tables.packing();
            assertEquals(before.contentBytes(), after.contentBytes());
            assertEquals(1, after.dictionaries());
            assertTrue(after.smallStoredBytes() < before.smallStoredBytes() * 9 / 10, before + ", then " + after);
            requireAll(tables, "collected");
        }
    }

    @Test
    void aDictionaryThatDoesNotPayIsNotKept() {
        Random random = new Random(6);
        try (Tables tables = open()) {
            for (int i = 0; i < 1_000; i++) {
                byte[] content = new byte[200];
                random.nextBytes(content);
                written.put(tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)), content);
            }
            tables.fold(Long.MAX_VALUE);
            assertEquals(0, tables.packing().dictionaries());
            requireAll(tables, "noise");
        }
    }

    @Test
    void aDamagedDictionaryIsToldAndNewObjectsDoWithoutIt() {
        Random random = new Random(7);
        try (Tables tables = open()) {
            write(tables, 1_000, random);
        }
        List<ObjectId> old = List.copyOf(written.keySet());
        damageDictionary();
        try (Tables tables = open()) {
            List<String> problems = problems(tables);
            assertTrue(problems.get(0).startsWith("Dictionary 1 is damaged"), problems.get(0));
            long unreadable = old.stream().filter(id -> isCorrupt(tables, id)).count();
            assertTrue(unreadable > 500, "unreadable: " + unreadable);
            written.clear();
            write(tables, 300, random);
            tables.fold(Long.MAX_VALUE);
            written.forEach((id, content) ->
                    assertArrayEquals(content, tables.objects().read(id, ObjectKind.CHUNK, ReadView::bytes)));
        }
    }

    private void damageDictionary() {
        List<String> tables = List.of("objects", "dictionaries");
        try (Environment objects = Environment.open(directory.resolve("objects"), tables, 8L << 30)) {
            byte[] row;
            try (ReadView view = objects.read()) {
                row = ReadView.bytes(requireNonNull(view.get(ObjectEnvironments.DICTIONARIES, 1L)));
            }
            row[row.length / 2] ^= 1;
            objects.write(row.length, view -> view.reserve(ObjectEnvironments.DICTIONARIES, 1, row.length)
                    .put(row));
        }
    }

    private static boolean isCorrupt(Tables tables, ObjectId id) {
        try {
            tables.objects().read(id, ObjectKind.CHUNK, ReadView::bytes);
            return false;
        } catch (StoreException e) {
            assertEquals(Kind.CORRUPT, e.kind());
            return true;
        }
    }

    @Test
    void anOlderStoreGetsATableOfDictionaries() {
        Environment.delete(directory.resolve("objects"));
        Environment.create(directory.resolve("objects"), List.of("objects"), 1 << 30, view -> {});
        List<String> tables = List.of("ids", "bookmarks", "operations", "changes", "workspaces", "meta");
        try (Environment index = Environment.open(directory.resolve("index"), tables, 1 << 30)) {
            index.write(
                    100,
                    view -> view.put(
                            ObjectEnvironments.number(Table.META),
                            "dogear.format".getBytes(UTF_8),
                            ByteBuffer.allocate(Integer.BYTES).putInt(3).array()));
        }
        try (Tables opened = open()) {
            write(opened, 1_000, new Random(8));
            opened.fold(Long.MAX_VALUE);
            assertEquals(1, opened.packing().dictionaries());
            requireAll(opened, "upgraded");
        }
    }
}

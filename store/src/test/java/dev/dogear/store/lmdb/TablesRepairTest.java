package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Longs;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lmdbjava.Cursor;

/** Rows of real tables are taken away or damaged: what can be made again is, and all else is as it was. */
final class TablesRepairTest {
    private static final byte[] REPOSITORY = new byte[16];
    private static final int OBJECTS = 1_500;

    @TempDir
    Path folder;

    private final Flusher flusher = new Flusher();
    private final Map<ObjectId, byte[]> written = new LinkedHashMap<>();

    @BeforeEach
    void create() {
        Tables.create(folder, REPOSITORY, List.of());
        try (Tables tables = Tables.open(folder, REPOSITORY, flusher)) {
            Random random = new Random(1);
            for (int i = 0; i < OBJECTS; i++) {
                byte[] content = ("class Example" + i + " extends Common { int number = " + random.nextInt()
                                + "; String words = \"words that come again and again " + random.nextInt(50) + "\"; }")
                        .getBytes(UTF_8);
                written.put(tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)), content);
                if (i % 500 == 499) {
                    tables.fold(Long.MAX_VALUE);
                }
            }
        }
    }

    @AfterEach
    void end() {
        flusher.close();
    }

    private void damage(Consumer<ObjectEnvironments> how) {
        try (ObjectEnvironments stored = ObjectEnvironments.open(folder)) {
            how.accept(stored);
        }
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        try (Tables tables = Tables.open(folder, REPOSITORY, flusher)) {
            tables.verify(problems::add, count -> {});
        }
        return problems;
    }

    /** How many objects are not there; all others have to be what was written. */
    private int lost() {
        int lost = 0;
        try (Tables tables = Tables.open(folder, REPOSITORY, flusher)) {
            for (Map.Entry<ObjectId, byte[]> each : written.entrySet()) {
                if (tables.objects().contains(each.getKey())) {
                    assertArrayEquals(
                            each.getValue(), tables.objects().read(each.getKey(), ObjectKind.CHUNK, ReadView::bytes));
                } else {
                    lost++;
                }
            }
        }
        return lost;
    }

    private List<String> repair() {
        List<String> done = Tables.repair(folder, REPOSITORY, flusher);
        assertEquals(List.of(), problems());
        assertEquals(List.of(), Tables.repair(folder, REPOSITORY, flusher), "there is nothing left to do");
        return done;
    }

    @Test
    void idsAreMadeAgainFromTheObjects() {
        List<ObjectId> ids = List.copyOf(written.keySet());
        damage(stored -> stored.index().write(0, out -> {
            for (int i = 0; i < 100; i++) {
                out.delete(ObjectEnvironments.IDS, ids.get(i).toBytes());
            }
            IdRow nowhere = new IdRow(1L << 40, ObjectKind.CHUNK, 10);
            out.put(ObjectEnvironments.IDS, ids.get(200).toBytes(), nowhere.encode());
            out.put(ObjectEnvironments.IDS, ids.get(201).toBytes(), new byte[3]);
            out.put(ObjectEnvironments.IDS, new byte[ObjectId.BYTES], nowhere.encode());
        }));
        assertFalse(problems().isEmpty());
        assertEquals(
                List.of("103 rows of ids are made again from the objects, or taken out since they lead to none"),
                repair());
        assertEquals(0, lost());
    }

    @Test
    void aDamagedObjectGoesAndCanBeStoredAgain() {
        damage(stored -> stored.objects().write(0, out -> {
            long last = out.lastNumber(ObjectEnvironments.OBJECTS);
            out.reserve(ObjectEnvironments.OBJECTS, last, 20).put(new byte[20]);
        }));
        assertFalse(problems().isEmpty());
        assertTrue(repair().contains("1 damaged objects are taken out"));
        assertEquals(1, lost());
        try (Tables tables = Tables.open(folder, REPOSITORY, flusher)) {
            written.values().forEach(content -> tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)));
        }
        assertEquals(0, lost());
    }

    @Test
    void whatADamagedDictionaryUnpacksAsItWasIsKept() {
        damage(stored -> damageDictionary(stored, 0.9));
        assertFalse(problems().isEmpty());
        List<String> done = repair();
        assertTrue(done.get(0).contains("what it still unpacks as it was packed is kept"), done.toString());
        assertTrue(lost() < OBJECTS / 2, "lost " + lost());
    }

    @Test
    void whatIsPackedByADictionaryThatIsNoneIsLostAndNothingElse() {
        damage(stored -> damageDictionary(stored, 0));
        assertFalse(problems().isEmpty());
        repair();
        assertTrue(lost() < OBJECTS, "the first were packed without");
        try (Tables tables = Tables.open(folder, REPOSITORY, flusher)) {
            written.values().forEach(content -> tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)));
            tables.fold(Long.MAX_VALUE);
        }
        assertEquals(List.of(), problems());
        assertEquals(0, lost());
    }

    /** Changes a byte at that share of the dictionary; at 0 all of its beginning. */
    private static void damageDictionary(ObjectEnvironments stored, double share) {
        byte[] row;
        long number;
        try (ReadView view = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.DICTIONARIES)) {
            assertTrue(cursor.first(), "no dictionary was trained");
            number = cursor.key().getLong(0);
            row = ReadView.bytes(cursor.val());
        }
        int at = 12 + (int) (share * (row.length - 12));
        for (int i = 0; i < (share == 0 ? 200 : 1); i++) {
            row[at + i] ^= 0x55;
        }
        stored.objects().write(0, out -> {
            out.delete(ObjectEnvironments.DICTIONARIES, Longs.toByteArray(number));
            out.reserve(ObjectEnvironments.DICTIONARIES, number, row.length).put(row);
        });
    }
}

package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** What the changes table should hold. */
final class RowModel {
    private static final int KEYS = 60;

    private final NavigableMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

    List<Row> change(Random random) {
        List<Row> changed = new ArrayList<>();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            byte[] key = key(random);
            if (random.nextInt(3) == 0) {
                rows.remove(key);
                changed.add(new Row(Table.CHANGES, key, null));
            } else {
                byte[] value = new byte[random.nextInt(300)];
                random.nextBytes(value);
                rows.put(key, value);
                changed.add(new Row(Table.CHANGES, key, value));
            }
        }
        return changed;
    }

    void compare(Tables tables, Random random, String what) {
        byte[] one = key(random);
        assertArrayEquals(rows.get(one), tables.get(Table.CHANGES, one), what);
        byte[] from = key(random);
        boolean backwards = random.nextBoolean();
        int limit = 1 + random.nextInt(KEYS);
        List<String> expected = new ArrayList<>();
        var part = backwards ? rows.headMap(from, true).descendingMap() : rows.tailMap(from, true);
        part.entrySet().stream().limit(limit).forEach(row -> expected.add(show(row.getKey(), row.getValue())));
        List<String> found = new ArrayList<>();
        tables.scan(Table.CHANGES, from, backwards, (key, value) -> {
            found.add(show(key, value));
            return found.size() < limit;
        });
        assertEquals(expected, found, what);
    }

    private static byte[] key(Random random) {
        return ("key " + random.nextInt(KEYS)).getBytes(UTF_8);
    }

    private static String show(byte[] key, byte[] value) {
        return new String(key, UTF_8) + "=" + Arrays.hashCode(value);
    }
}

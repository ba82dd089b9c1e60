package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of a table. Rows that are published together are one journal record: for each table u8, key length u16,
 * value length i32 (-1 deletes), key, value.
 *
 * @param table which
 * @param key at most 511 bytes
 * @param value null deletes
 */
public record Row(Table table, byte[] key, byte @Nullable [] value) {
    /** Kind of the journal record. */
    static final int RECORD_KIND = 2;

    private static final int HEADER_BYTES = 1 + Short.BYTES + Integer.BYTES;

    /** Whether a key begins with those bytes. */
    public static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    static ByteBuffer encode(List<Row> rows) {
        long size = 0;
        for (Row row : rows) {
            size += HEADER_BYTES + row.key.length + (row.value == null ? 0 : row.value.length);
        }
        if (size > Journal.MAX_PAYLOAD) {
            throw new StoreException(
                    StoreException.Kind.LIMIT, "Too much to publish at once: " + size + " bytes of rows");
        }
        ByteBuffer record = ByteBuffer.allocate((int) size);
        for (Row row : rows) {
            byte[] value = row.value;
            record.put((byte) row.table.code()).putShort((short) row.key.length);
            record.putInt(value == null ? -1 : value.length).put(row.key);
            if (value != null) {
                record.put(value);
            }
        }
        return record.flip();
    }

    static List<Row> decode(ByteBuffer payload) {
        ByteBuffer rest = payload.duplicate();
        List<Row> rows = new ArrayList<>();
        while (rest.hasRemaining()) {
            Table table = Table.ofCode(rest.get());
            byte[] key = new byte[rest.getShort()];
            int length = rest.getInt();
            rest.get(key);
            if (length < 0) {
                rows.add(new Row(table, key, null));
            } else {
                byte[] value = new byte[length];
                rest.get(value);
                rows.add(new Row(table, key, value));
            }
        }
        return rows;
    }
}

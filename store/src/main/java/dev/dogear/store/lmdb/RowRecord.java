package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The journal record of rows published together: for each row table u8, key length u16, value length i32 (-1 deletes),
 * key, value.
 */
final class RowRecord {
    static final int KIND = 2;
    private static final int ROW_HEADER_BYTES = 1 + Short.BYTES + Integer.BYTES;

    private RowRecord() {}

    static ByteBuffer encode(List<Row> rows) {
        long size = 0;
        for (Row row : rows) {
            byte[] value = row.value();
            size += ROW_HEADER_BYTES + row.key().length + (value == null ? 0 : value.length);
        }
        if (size > Journal.MAX_PAYLOAD) {
            throw new StoreException(
                    StoreException.Kind.LIMIT, "Too much to publish at once: " + size + " bytes of rows");
        }
        ByteBuffer record = ByteBuffer.allocate((int) size);
        for (Row row : rows) {
            byte[] value = row.value();
            record.put((byte) row.table().code()).putShort((short) row.key().length);
            record.putInt(value == null ? -1 : value.length).put(row.key());
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

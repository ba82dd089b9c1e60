package dev.dogear.store.lmdb;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/** The one write transaction of an environment. */
final class WriteView {
    private final Txn<ByteBuffer> txn;
    private final List<Dbi<ByteBuffer>> tables;
    private final ByteBuffer key = ByteBuffer.allocateDirect(ReadView.MAX_KEY_BYTES);

    WriteView(Txn<ByteBuffer> txn, List<Dbi<ByteBuffer>> tables) {
        this.txn = txn;
        this.tables = tables;
    }

    @Nullable
    ByteBuffer get(int table, byte[] keyBytes) {
        return tables.get(table).get(txn, key.clear().put(keyBytes).flip());
    }

    boolean contains(int table, long keyNumber) {
        return tables.get(table).get(txn, key.clear().putLong(keyNumber).flip()) != null;
    }

    /** The largest key of a table with u64 keys, or -1. */
    long lastNumber(int table) {
        try (Cursor<ByteBuffer> cursor = tables.get(table).openCursor(txn)) {
            return cursor.last() ? cursor.key().getLong(0) : -1;
        }
    }

    void put(int table, byte[] keyBytes, byte[] value) {
        tables.get(table)
                .reserve(txn, key.clear().put(keyBytes).flip(), value.length)
                .put(value);
    }

    void delete(int table, byte[] keyBytes) {
        tables.get(table).delete(txn, key.clear().put(keyBytes).flip());
    }

    /** Makes room for a value, to be filled before anything else is asked of this. */
    ByteBuffer reserve(int table, long keyNumber, int length, PutFlags... flags) {
        return tables.get(table).reserve(txn, key.clear().putLong(keyNumber).flip(), length, flags);
    }
}

package dev.dogear.store.lmdb;

import com.github.luben.zstd.ZstdException;
import dev.dogear.store.StoreException;
import dev.dogear.store.packing.Dictionary;
import dev.dogear.store.packing.Unpacker;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * A leased read transaction. Buffers it gives point into LMDB's map: they are read-only, and dead when this is closed or
 * asked again.
 */
final class ReadView implements AutoCloseable {
    static final int MAX_KEY_BYTES = 511;

    private final Environment environment;
    private final Txn<ByteBuffer> txn;
    private final List<Dbi<ByteBuffer>> tables;
    private final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY_BYTES);
    /** When it was given out last. */
    volatile long leasedAt;

    private @Nullable Unpacker unpacker;
    private ByteBuffer plain = ByteBuffer.allocateDirect(0);

    ReadView(Environment environment, Txn<ByteBuffer> txn, List<Dbi<ByteBuffer>> tables) {
        this.environment = environment;
        this.txn = txn;
        this.tables = tables;
    }

    @Nullable
    ByteBuffer get(int table, byte[] keyBytes) {
        return get(table, key.clear().put(keyBytes).flip());
    }

    @Nullable
    ByteBuffer get(int table, long keyNumber) {
        return get(table, key.clear().putLong(keyNumber).flip());
    }

    private @Nullable ByteBuffer get(int table, ByteBuffer direct) {
        try {
            return tables.get(table).get(txn, direct);
        } catch (LmdbException e) {
            throw environment.failed(e);
        }
    }

    /** To be closed before this is. */
    Cursor<ByteBuffer> cursor(int table) {
        return tables.get(table).openCursor(txn);
    }

    /** A direct buffer with that key, for a cursor. */
    ByteBuffer key(byte[] keyBytes) {
        return key.clear().put(keyBytes).flip();
    }

    /** The same with a u64 key. */
    ByteBuffer key(long keyNumber) {
        return key.clear().putLong(keyNumber).flip();
    }

    /** The largest key of a table with u64 keys, or -1. */
    long lastNumber(int table) {
        try (Cursor<ByteBuffer> cursor = cursor(table)) {
            return cursor.last() ? cursor.key().getLong(0) : -1;
        }
    }

    /** How many rows a table has; known without a look at them. */
    long rows(int table) {
        return tables.get(table).stat(txn).entries;
    }

    /** The dictionary of that number. */
    Dictionary dictionary(int number) {
        return environment.dictionaries().get(number, () -> {
            ByteBuffer row = get(ObjectEnvironments.DICTIONARIES, (long) number);
            return row == null ? null : bytes(row);
        });
    }

    /** A copy of what the buffer has. */
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /**
     * What {@code frame}, in a direct buffer, unpacks to; valid as long as this.
     *
     * @param dictionary number of the one it was packed by, 0 for none
     */
    ByteBuffer unpack(ByteBuffer frame, int dictionary, int length) {
        Dictionary by = dictionary == 0 ? null : dictionary(dictionary);
        if (unpacker == null) {
            unpacker = new Unpacker();
        }
        if (plain.capacity() < length) {
            plain = ByteBuffer.allocateDirect(Math.max(length, StoredObject.PACKED_BELOW_BYTES));
        }
        plain.clear();
        try {
            int got = unpacker.unpack(frame, by, plain, length);
            if (got != length) {
                throw Errors.corrupt("A compressed object has " + got + " bytes instead of " + length);
            }
        } catch (ZstdException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "A compressed object is damaged", e);
        }
        return plain.clear().limit(length);
    }

    void renew() {
        txn.renew();
    }

    void reset() {
        txn.reset();
    }

    /** Gives the transaction back to LMDB. */
    void end() {
        txn.close();
        if (unpacker != null) {
            unpacker.close();
        }
    }

    @Override
    public void close() {
        environment.release(this);
    }
}

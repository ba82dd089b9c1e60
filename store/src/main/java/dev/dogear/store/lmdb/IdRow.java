package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The value of the ids table: where an object is, what it is, and how long its content. */
record IdRow(long sequence, ObjectKind kind, int length) {
    private static final int BYTES = Long.BYTES + 1 + Integer.BYTES;

    static IdRow of(ByteBuffer value) {
        ByteBuffer row = value.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (row.remaining() != BYTES) {
            throw Errors.corrupt("A row of the ids table has " + row.remaining() + " bytes instead of " + BYTES);
        }
        try {
            return new IdRow(row.getLong(), ObjectKind.ofCode(row.get()), row.getInt());
        } catch (IllegalArgumentException e) {
            throw Errors.corrupt("A row of the ids table names no known kind");
        }
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(sequence)
                .put(kind.code())
                .putInt(length)
                .array();
    }
}

package dev.dogear.store.object;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Reads the variable-length numbers that {@link Output} writes. */
public final class Varint {
    /** The longest encoding of 64 bits. */
    static final int MAX_BYTES = 10;

    private Varint() {}

    /** @throws IllegalArgumentException if the number is longer than 64 bits */
    public static long read(ByteBuffer buffer) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte part = buffer.get();
            value |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number has more than 64 bits");
    }

    /** A number that must fit in 31 bits: a count or a length. */
    public static int readInt(ByteBuffer buffer) {
        long value = read(buffer);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a length has more than 31 bits");
        }
        return (int) value;
    }

    /** A number written by {@link Output#signedVarint}. */
    public static long readSigned(ByteBuffer buffer) {
        long value = read(buffer);
        return (value >>> 1) ^ -(value & 1);
    }

    /** Bytes written by {@link Output#counted(byte[])}. */
    public static byte[] readBytes(ByteBuffer buffer) {
        int length = readInt(buffer);
        if (length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }
}

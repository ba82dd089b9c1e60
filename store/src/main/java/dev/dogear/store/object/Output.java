package dev.dogear.store.object;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing buffer that encoders write to: big-endian integers, variable-length ones, bytes, ids. One thread. */
public final class Output {
    private byte[] bytes;
    private int size;

    /** Starts with room for {@code expectedBytes}. */
    public Output(int expectedBytes) {
        bytes = new byte[Math.max(16, expectedBytes)];
    }

    /** Writes the low 8 bits. */
    public Output u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Writes 8 bytes, big-endian. */
    public Output i64(long value) {
        room(Long.BYTES);
        ByteBuffer.wrap(bytes).putLong(size, value);
        size += Long.BYTES;
        return this;
    }

    /** Writes an unsigned number in groups of 7 bits, least first; read by {@link Varint#read}. */
    public Output varint(long value) {
        room(Varint.MAX_BYTES);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** Writes a signed number so that small ones of either sign are short; read by {@link Varint#readSigned}. */
    public Output signedVarint(long value) {
        return varint((value << 1) ^ (value >> 63));
    }

    /** Writes a length and the bytes; read by {@link Varint#readBytes}. */
    public Output counted(byte[] value) {
        varint(value.length);
        return raw(value);
    }

    /** Writes the bytes alone. */
    public Output raw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    /** Writes an id's bytes. */
    public Output id(ObjectId id) {
        room(ObjectId.BYTES);
        id.write(ByteBuffer.wrap(bytes, size, ObjectId.BYTES));
        size += ObjectId.BYTES;
        return this;
    }

    /** Writes what another one holds, behind its length. */
    public Output counted(Output other) {
        varint(other.size);
        room(other.size);
        System.arraycopy(other.bytes, 0, bytes, size, other.size);
        size += other.size;
        return this;
    }

    /** Forgets what was written, to be used again. */
    public Output clear() {
        size = 0;
        return this;
    }

    /** Number of bytes written. */
    public int size() {
        return size;
    }

    /** What was written, not copied: nothing more may be written while it is used. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    /** A copy of what was written. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }
}

package dev.dogear.store.change;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/** The stable name of a change: 16 bytes, written as 32 letters {@code k} to {@code z} (hexadecimal reversed: z is 0). */
public final class ChangeId implements Comparable<ChangeId> {
    /** Length in bytes. */
    public static final int BYTES = 16;

    /** The empty tree every history begins with: 32 times {@code z}. */
    public static final ChangeId VIRTUAL_ROOT = new ChangeId(new byte[BYTES]);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] bytes;

    private ChangeId(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A new id nobody has. */
    public static ChangeId random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new ChangeId(bytes);
    }

    /** The id of those {@link #BYTES} bytes (copied). */
    public static ChangeId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a change id has 16 bytes");
        }
        return new ChangeId(bytes.clone());
    }

    /** Reads {@link #BYTES} bytes at the buffer's position. */
    public static ChangeId read(ByteBuffer buffer) {
        byte[] bytes = new byte[BYTES];
        buffer.get(bytes);
        return new ChangeId(bytes);
    }

    /** @throws IllegalArgumentException unless {@code text} is 32 letters from k to z */
    public static ChangeId parse(String text) {
        if (text.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a change id has 32 letters from k to z: " + text);
        }
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < text.length(); i++) {
            int digit = 'z' - text.charAt(i);
            if (digit < 0 || digit > 15) {
                throw new IllegalArgumentException("a change id has 32 letters from k to z: " + text);
            }
            bytes[i / 2] |= (byte) (i % 2 == 0 ? digit << 4 : digit);
        }
        return new ChangeId(bytes);
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public int compareTo(ChangeId other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChangeId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The 32 letters. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(2 * BYTES);
        for (byte b : bytes) {
            text.append((char) ('z' - ((b >> 4) & 15))).append((char) ('z' - (b & 15)));
        }
        return text.toString();
    }
}

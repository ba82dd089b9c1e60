package dev.dogear.store.object;

import com.google.common.hash.HashCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The name of an object: SHA-256 of its kind's code followed by its content. Ordered as unsigned bytes. */
public final class ObjectId implements Comparable<ObjectId> {
    /** Length of an id in bytes. */
    public static final int BYTES = 32;

    private final byte[] hash;

    private ObjectId(byte[] hash) {
        this.hash = hash;
    }

    /** The id of {@code content} (position to limit; left where it was) stored as {@code kind}. */
    public static ObjectId of(ObjectKind kind, ByteBuffer content) {
        MessageDigest digest = sha256();
        digest.update(kind.code());
        digest.update(content.duplicate());
        return new ObjectId(digest.digest());
    }

    /** Reads {@link #BYTES} bytes from the buffer's position and moves past them. */
    public static ObjectId read(ByteBuffer buffer) {
        byte[] bytes = new byte[BYTES];
        buffer.get(bytes);
        return new ObjectId(bytes);
    }

    /** @throws IllegalArgumentException unless {@code hex} is 64 hexadecimal digits */
    public static ObjectId fromHex(String hex) {
        byte[] bytes = HashCode.fromString(hex).asBytes();
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("an object id has 64 hexadecimal digits");
        }
        return new ObjectId(bytes);
    }

    /** Writes the id's {@link #BYTES} bytes at the buffer's position. */
    public void write(ByteBuffer buffer) {
        buffer.put(hash);
    }

    /** A copy of the id's bytes. */
    public byte[] toBytes() {
        return hash.clone();
    }

    /** 64 lower-case hexadecimal digits. */
    public String toHex() {
        return HashCode.fromBytes(hash).toString();
    }

    @Override
    public int compareTo(ObjectId other) {
        return Arrays.compareUnsigned(hash, other.hash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectId that && Arrays.equals(hash, that.hash);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    @Override
    public String toString() {
        return toHex();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

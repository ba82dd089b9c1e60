package dev.dogear.store.tree;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of a directory entry: 1 to 255 bytes, any but {@code /} and NUL, and neither {@code .} nor {@code ..}.
 * Ordered as directories are stored and listed: by {@link #cookie()}, then by unsigned bytes.
 */
public final class Name implements Comparable<Name> {
    /** The longest name, in bytes. */
    public static final int MAX_BYTES = 255;

    /** Cookies below this are for {@code .} and {@code ..}. */
    public static final long FIRST_COOKIE = 16;

    private static final HashFunction HASH = Hashing.sipHash24();

    private final byte[] bytes;
    /** 0: not computed yet. Most names of a node that is read are never compared with one they differ from. */
    private long hash;

    private Name(byte[] bytes) {
        this(bytes, 0);
    }

    private Name(byte[] bytes, long hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    /**
     * A name of those bytes (copied).
     *
     * @throws IllegalArgumentException if they are no legal name
     */
    public static Name of(byte[] bytes) {
        return keeping(bytes.clone());
    }

    /** The same; the array is kept. */
    static Name keeping(byte[] bytes) {
        if (!isLegal(bytes)) {
            throw new IllegalArgumentException("not a name of a directory entry: "
                    + new String(bytes, 0, Math.min(bytes.length, MAX_BYTES), StandardCharsets.UTF_8));
        }
        return new Name(bytes);
    }

    /** The name of those characters in UTF-8. */
    public static Name of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** No name of a file but a bound to search with: it sorts right before every name with that cookie. */
    public static Name before(long cookie) {
        return new Name(new byte[0], Math.max(cookie, FIRST_COOKIE));
    }

    /** Whether the bytes may name a directory entry. */
    public static boolean isLegal(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            return false;
        }
        for (byte b : bytes) {
            if (b == 0 || b == '/') {
                return false;
            }
        }
        boolean dots = bytes[0] == '.' && (bytes.length == 1 || (bytes.length == 2 && bytes[1] == '.'));
        return !dots;
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** A name read back from where its hash was stored with it; the array is kept. */
    static Name stored(byte[] bytes, long hash) {
        return new Name(bytes, hash);
    }

    /** The bytes, not to be written to. */
    byte[] bytes() {
        return bytes;
    }

    /** The whole hash: {@link #cookie()} is made from it, and where directories are cut. */
    long hash() {
        long known = hash;
        if (known == 0) {
            // Two threads may both do so, and find the same.
            known = HASH.hashBytes(bytes).asLong();
            hash = known;
        }
        return known;
    }

    /** The length in bytes. */
    public int length() {
        return bytes.length;
    }

    /**
     * The position of this name in its directory, 63 bits, at least {@link #FIRST_COOKIE}: storage order, listing order
     * and the kernel's readdir cookie in one. Two names may share one.
     */
    public long cookie() {
        long cookie = hash() & Long.MAX_VALUE;
        return cookie < FIRST_COOKIE ? cookie + FIRST_COOKIE : cookie;
    }

    @Override
    public int compareTo(Name other) {
        if (Arrays.equals(bytes, other.bytes) && bytes.length > 0) {
            return 0;
        }
        int byCookie = Long.compare(cookie(), other.cookie());
        return byCookie != 0 ? byCookie : Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Name that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (int) hash();
    }

    /** The bytes as UTF-8, malformed ones replaced: for messages, never for look-ups. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

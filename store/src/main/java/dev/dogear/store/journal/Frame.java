package dev.dogear.store.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The header of a record: 32 bytes in front of its payload, big-endian.
 *
 * <pre>
 *  0 u32 CRC32C of repository id, segment generation and bytes 4 to 31 of this header
 *  4 u32 CRC32C of the payload
 *  8 u32 payload length
 * 12 u8  kind; 3 bytes of zero
 * 16 u64 LSN of the record
 * 24 u64 LSN below which all was known to survive a power cut when this was written
 * </pre>
 *
 * The last field tells a torn tail from damage: a bad record that a later one calls durable was not torn.
 */
record Frame(int payloadCrc, int length, int kind, long lsn, long durable) {
    static final int BYTES = 32;

    /** Records begin at multiples of this, so that a search for a good one after a bad one has few places to look. */
    static final int ALIGNMENT = 8;

    /** Bytes a record with that payload takes in its segment. */
    static long size(int length) {
        return (BYTES + (long) length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Writes the header at the buffer's position and moves past it. */
    void write(ByteBuffer target, byte[] salt) {
        int start = target.position();
        target.putInt(0).putInt(payloadCrc).putInt(length).putInt(kind << 24);
        target.putLong(lsn).putLong(durable);
        target.putInt(start, headerCrc(target, start, salt));
    }

    /** The header at {@code start}, or null if there is none of that segment and LSN. */
    static @Nullable Frame read(ByteBuffer source, int start, byte[] salt, long lsn) {
        if (source.getLong(start + 16) != lsn || source.getInt(start) != headerCrc(source, start, salt)) {
            return null;
        }
        int length = source.getInt(start + 8);
        if (length < 0 || length > Journal.MAX_PAYLOAD) {
            return null;
        }
        return new Frame(
                source.getInt(start + 4), length, source.get(start + 12) & 0xff, lsn, source.getLong(start + 24));
    }

    static int crc(ByteBuffer... parts) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : parts) {
            crc.update(part.duplicate());
        }
        return (int) crc.getValue();
    }

    private static int headerCrc(ByteBuffer buffer, int start, byte[] salt) {
        CRC32C crc = new CRC32C();
        crc.update(salt);
        crc.update(buffer.duplicate().limit(start + BYTES).position(start + 4));
        return (int) crc.getValue();
    }
}

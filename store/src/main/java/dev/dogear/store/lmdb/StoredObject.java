package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.packing.Packer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The value of the objects table: kind u8, flags u8, CRC32C of all other bytes u32, then the content; or, with the flag
 * {@link #PACKED}, the content's length u32 and a zstd frame; or, with {@link #PACKED_BY}, the length u32, the number of the
 * dictionary u16 and a bare zstd frame (no magic number, no length, no dictionary's id). What is long stays as it is, so
 * that readers need no copy. LMDB trusts the disk, and hashing again at each read would cost too much: the sum stands in for
 * the hash, so that no reader gets damaged bytes.
 */
final class StoredObject {
    static final int PACKED = 1;
    static final int PACKED_BY = 2;
    static final int HEADER_BYTES = 2 + Integer.BYTES;
    static final int PACKED_HEADER_BYTES = HEADER_BYTES + Integer.BYTES;
    static final int PACKED_BY_HEADER_BYTES = PACKED_HEADER_BYTES + Short.BYTES;
    /** Objects from this size up are never compressed. */
    static final int PACKED_BELOW_BYTES = 16 << 10;

    private static final int CRC_AT = 2;

    private StoredObject() {}

    /** Begins a value: what follows is the content, or the length and the frame; then {@link #seal}. */
    static ByteBuffer begin(ByteBuffer value, ObjectKind kind, int flags) {
        return value.put(kind.code()).put((byte) flags).putInt(0);
    }

    /** Writes the sum into a value that is all there. */
    static void seal(ByteBuffer value) {
        value.order(ByteOrder.BIG_ENDIAN).putInt(CRC_AT, crc(value));
    }

    private static int crc(ByteBuffer value) {
        CRC32C crc = new CRC32C();
        crc.update(value.get(0));
        crc.update(value.get(1));
        crc.update(value.duplicate().position(HEADER_BYTES));
        return (int) crc.getValue();
    }

    static ObjectKind kind(ByteBuffer value) {
        try {
            return ObjectKind.ofCode(value.get(0));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw Errors.corrupt("A stored object has no known kind");
        }
    }

    /** Its content as readers get it: read-only, big-endian, position 0. */
    static ByteBuffer content(ByteBuffer value, ReadView view) {
        ByteBuffer rest = value.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (rest.remaining() < HEADER_BYTES || rest.getInt(CRC_AT) != crc(rest)) {
            throw Errors.corrupt("A stored object is damaged: its bytes have another sum than when they were written");
        }
        int flags = rest.get(1);
        if (flags == 0) {
            return rest.position(HEADER_BYTES).slice().asReadOnlyBuffer();
        }
        int header = flags == PACKED ? PACKED_HEADER_BYTES : PACKED_BY_HEADER_BYTES;
        boolean known = flags == PACKED || flags == PACKED_BY;
        int length = known && rest.remaining() > header ? rest.getInt(HEADER_BYTES) : -1;
        if (length < 0 || length >= PACKED_BELOW_BYTES) {
            throw Errors.corrupt("A stored object has unknown flags or a wrong length");
        }
        int dictionary = dictionary(rest);
        return view.unpack(rest.position(header), dictionary, length).asReadOnlyBuffer();
    }

    /** The number of the dictionary it needs, 0 for none. */
    static int dictionary(ByteBuffer value) {
        boolean by = value.get(1) == PACKED_BY && value.remaining() > PACKED_BY_HEADER_BYTES;
        return by
                ? Short.toUnsignedInt(
                        value.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(PACKED_HEADER_BYTES))
                : 0;
    }

    static boolean isPacked(ByteBuffer value) {
        return value.get(1) != 0;
    }

    /** How long its content is. */
    static int length(ByteBuffer value) {
        return isPacked(value) && value.remaining() > PACKED_HEADER_BYTES
                ? value.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(HEADER_BYTES)
                : value.remaining() - HEADER_BYTES;
    }

    /** The whole value of a content as it is. */
    static byte[] plain(ObjectKind kind, byte[] content) {
        ByteBuffer value = ByteBuffer.allocate(HEADER_BYTES + content.length);
        begin(value, kind, 0).put(content).flip();
        seal(value);
        return value.array();
    }

    /** The whole value of a content packed by {@code packer}; null if it is no shorter so. */
    static byte @Nullable [] packed(ObjectKind kind, byte[] content, Packer packer) {
        byte[] frame = packer.pack(content);
        boolean by = packer.number() != 0;
        int header = by ? PACKED_BY_HEADER_BYTES : PACKED_HEADER_BYTES;
        if (frame.length + header >= content.length + HEADER_BYTES) {
            return null;
        }
        ByteBuffer value = ByteBuffer.allocate(header + frame.length);
        begin(value, kind, by ? PACKED_BY : PACKED).putInt(content.length);
        if (by) {
            value.putShort((short) packer.number());
        }
        value.put(frame).flip();
        seal(value);
        return value.array();
    }
}

package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The value of the objects table: kind u8, flags u8, CRC32C of all other bytes u32, then the content; or, with the flag
 * {@link #PACKED}, the content's length u32 and a zstd frame. What is as long as a page or more stays as it is, so that
 * readers need no copy. LMDB trusts the disk, and hashing again at each read would cost too much: the sum stands in for
 * the hash, so that no reader gets damaged bytes.
 */
final class StoredObject {
    static final int PACKED = 1;
    static final int HEADER_BYTES = 2 + Integer.BYTES;
    static final int PACKED_HEADER_BYTES = HEADER_BYTES + Integer.BYTES;
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
        int length = flags == PACKED && rest.remaining() > PACKED_HEADER_BYTES ? rest.getInt(HEADER_BYTES) : -1;
        if (length < 0 || length >= PACKED_BELOW_BYTES) {
            throw Errors.corrupt("A stored object has unknown flags or a wrong length");
        }
        return view.unpack(rest.position(PACKED_HEADER_BYTES), length).asReadOnlyBuffer();
    }
}

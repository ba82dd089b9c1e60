package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The value of the objects table: kind u8, flags u8, then the content; or, with the flag {@link #PACKED}, the content's
 * length u32 and a zstd frame. What is as long as a page or more stays as it is, so that readers need no copy.
 */
final class StoredObject {
    static final int PACKED = 1;
    static final int HEADER_BYTES = 2;
    static final int PACKED_HEADER_BYTES = HEADER_BYTES + Integer.BYTES;
    /** Objects from this size up are never compressed. */
    static final int PACKED_BELOW_BYTES = 16 << 10;

    private StoredObject() {}

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

package dev.dogear.store.tree;

import dev.dogear.store.object.Output;
import java.nio.ByteBuffer;

/** What one sort of prolly tree holds: its keys' order and encoding, and its values'. Stateless. */
interface ProllyLayout<K, V> {
    /** The high half of a node's first byte: format and sort, so that one tree is never read as the other. */
    int version();

    int compare(K left, K right);

    /** Random bits of a key, independent of its order, that decide whether nodes begin with it. */
    long boundaryBits(K key);

    /** @param inner whether the key stands in an inner node, where a search has to compare it without more work */
    void writeKey(Output out, K key, boolean inner);

    K readKey(ByteBuffer in, boolean inner);

    void writeValue(Output out, V value);

    V readValue(ByteBuffer in);

    /** A 64-bit mixer (the finalizer of MurmurHash3): every bit of the result depends on every bit of {@code value}. */
    static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51_afd7_ed55_8ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ce_b9fe_1a85_ec53L;
        return mixed ^ (mixed >>> 33);
    }
}

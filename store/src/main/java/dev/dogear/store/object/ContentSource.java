package dev.dogear.store.object;

import java.nio.ByteBuffer;

/** Content of known size to be read at any place: runs of data and holes, a hole reading as zeros. */
public interface ContentSource {
    /** Whether the byte at {@code offset} lies in a hole. */
    boolean isHole(long offset);

    /** Where the run of data or hole at {@code offset} ends: beyond {@code offset}, at most the content's size. */
    long runEnd(long offset);

    /** Fills {@code target} (all of its remaining bytes, which are there) from {@code offset}. */
    void read(long offset, ByteBuffer target);
}

package dev.dogear.store.object;

import org.jspecify.annotations.Nullable;

/**
 * A piece of stored content.
 *
 * @param start where it lies in the content
 * @param length in bytes, at least 1
 * @param chunk the whole chunk that holds its bytes; null for a hole
 */
public record Extent(long start, long length, @Nullable ObjectId chunk) {
    /** Whether there are no bytes behind it. */
    public boolean isHole() {
        return chunk == null;
    }

    /** The byte after its last. */
    public long end() {
        return start + length;
    }
}

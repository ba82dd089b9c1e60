package dev.dogear.store.object;

/**
 * A range of bytes.
 *
 * @param start its first byte
 * @param end the byte after its last
 */
public record Range(long start, long end) {
    public Range {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("not a range: " + start + " to " + end);
        }
    }
}

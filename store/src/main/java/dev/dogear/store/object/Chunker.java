package dev.dogear.store.object;

/**
 * Where content is cut into chunks: FastCDC with normalised chunking (W. Xia et al., "FastCDC: a Fast and Efficient
 * Content-Defined Chunking Approach for Data Deduplication", USENIX ATC 2016). A cut depends only on the bytes between
 * the chunk's start and the cut, so equal content after a common cut is cut equally, wherever it lies.
 */
enum Chunker {
    /** Content that is one chunk whatever it holds. */
    WHOLE(16),
    /** 16 KiB on average. */
    SMALL(14),
    /** 64 KiB on average. */
    MEDIUM(16),
    /** 256 KiB on average. */
    LARGE(18);

    /** Content up to this size is one chunk. */
    static final int WHOLE_BYTES = 64 << 10;

    private static final long MEDIUM_FROM = 16L << 20;
    private static final long LARGE_FROM = 1L << 30;
    private static final long[] GEAR = gear();

    private final int average;
    private final long strictMask;
    private final long looseMask;

    Chunker(int averageBits) {
        average = 1 << averageBits;
        // Normalisation level 2: two bits harder to cut below the average, two bits easier above. The high bits of the
        // rolling sum depend on the most bytes, so the masks take those.
        strictMask = -1L << (Long.SIZE - averageBits - 2);
        looseMask = -1L << (Long.SIZE - averageBits + 2);
    }

    /**
     * How content of that size is cut from {@code position} on. By the position, since a file that is stored while it grows
     * is to be cut as if it had been stored whole.
     */
    static Chunker at(long position, long sizeBytes) {
        if (sizeBytes <= WHOLE_BYTES) {
            return WHOLE;
        }
        if (position < MEDIUM_FROM) {
            return SMALL;
        }
        return position < LARGE_FROM ? MEDIUM : LARGE;
    }

    /** No chunk is longer. */
    int maxBytes() {
        return this == WHOLE ? WHOLE_BYTES : average * 8;
    }

    /** Length of the chunk that starts at {@code from}; {@code length} bytes are there: {@link #maxBytes()} or all there are. */
    int cut(byte[] data, int from, int length) {
        int available = Math.min(length, maxBytes());
        int least = average / 4;
        if (this == WHOLE || available <= least) {
            return available;
        }
        long sum = 0;
        int i = least;
        int normal = Math.min(average, available);
        for (; i < normal; i++) {
            sum = (sum << 1) + GEAR[data[from + i] & 0xFF];
            if ((sum & strictMask) == 0) {
                return i + 1;
            }
        }
        for (; i < available; i++) {
            sum = (sum << 1) + GEAR[data[from + i] & 0xFF];
            if ((sum & looseMask) == 0) {
                return i + 1;
            }
        }
        return available;
    }

    /** Random numbers, one a byte value (SplitMix64 from a fixed seed): part of the format, as the masks are. */
    private static long[] gear() {
        long[] table = new long[256];
        long state = 0x646f_6765_6172_0001L;
        for (int i = 0; i < table.length; i++) {
            state += 0x9e37_79b9_7f4a_7c15L;
            long z = (state ^ (state >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
            table[i] = z ^ (z >>> 31);
        }
        return table;
    }
}

package dev.dogear.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads one segment front to back through a window that grows to the largest record. For one thread. */
final class SegmentReader {
    private static final int WINDOW_BYTES = 1 << 18;
    private static final ByteBuffer ZEROES =
            ByteBuffer.allocateDirect(WINDOW_BYTES).asReadOnlyBuffer();

    private final Segment segment;
    private ByteBuffer window;
    /** LSN of the window's first byte. */
    private long start;

    SegmentReader(Segment segment) {
        this.segment = segment;
        this.window = ByteBuffer.allocateDirect(WINDOW_BYTES).limit(0);
        this.start = segment.base;
    }

    /** The header of a record at {@code lsn}, or null if there is none or it does not end within the segment. */
    @Nullable
    Frame header(long lsn) throws IOException {
        if (lsn + Frame.BYTES > segment.limit() || !fill(lsn, Frame.BYTES)) {
            return null;
        }
        Frame frame = Frame.read(window, at(lsn), segment.salt, lsn);
        // The padding after the payload need not be there.
        return frame == null || Journal.payload(lsn) + frame.length() > segment.limit() ? null : frame;
    }

    /** The payload, valid until the next call, or null if it is not what the header says. */
    @Nullable
    ByteBuffer payload(Frame frame) throws IOException {
        long from = Journal.payload(frame.lsn());
        if (!fill(from, frame.length())) {
            return null;
        }
        ByteBuffer payload = window.slice(at(from), frame.length());
        return Frame.crc(payload) == frame.payloadCrc() ? payload.asReadOnlyBuffer() : null;
    }

    /**
     * The first multiple of the alignment, from {@code from} on, whose bytes are not all zero, or -1. Mostly all of a segment is zero, and a
     * process that has just started looks: so it is compared by the window, which is quick before anything is compiled.
     */
    long nonZero(long from) throws IOException {
        long lsn = from;
        while (lsn < segment.limit()) {
            int atLeast = (int) Math.min(Frame.ALIGNMENT, segment.limit() - lsn);
            if (!fill(lsn, atLeast)) {
                return -1;
            }
            int there = Math.min(window.limit() - at(lsn), WINDOW_BYTES);
            int count = (int) Math.min(Math.max(there & -Frame.ALIGNMENT, atLeast), segment.limit() - lsn);
            int different = window.slice(at(lsn), count).mismatch(ZEROES.slice(0, count));
            if (different >= 0) {
                return lsn + (different & -Frame.ALIGNMENT);
            }
            lsn += count;
        }
        return -1;
    }

    private int at(long lsn) {
        return (int) (lsn - start);
    }

    private boolean fill(long lsn, int count) throws IOException {
        if (lsn >= start && lsn + count <= start + window.limit()) {
            return true;
        }
        if (window.capacity() < count) {
            window = ByteBuffer.allocateDirect(Math.max(count, 2 * window.capacity()));
        }
        window.clear();
        segment.file.read(window, segment.offset(lsn));
        window.flip();
        start = lsn;
        return window.limit() >= count;
    }

    /** Where the good records from there on end. */
    long endOfGood(long from) throws IOException {
        long lsn = from;
        while (true) {
            Frame frame = header(lsn);
            if (frame == null || payload(frame) == null) {
                return lsn;
            }
            lsn += Frame.size(frame.length());
        }
    }

    /** A record at or after {@code from} that was written when the bytes at {@code bad} were durable, or null. */
    @Nullable
    Frame durableAfter(long from, long bad) throws IOException {
        long lsn = nonZero(from);
        while (lsn >= 0) {
            Frame frame = header(lsn);
            if (frame != null && frame.durable() > bad) {
                return frame;
            }
            lsn = nonZero(lsn + Frame.ALIGNMENT);
        }
        return null;
    }
}

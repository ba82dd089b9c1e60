package dev.dogear.mount.handover;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Places for requests, into which the kernel writes them. A place whose {@code unique} is not zero holds a request that was taken
 * and perhaps not answered; beside it stands whether it was executed, and how that ended. Who has a place writes to it alone.
 */
public final class Slots {
    /** Bytes of a small place. */
    public static final int SMALL_BYTES = 8 << 10;

    /** Bytes of a large place: the longest request. */
    public static final int LARGE_BYTES = (1 << 20) + 4096;

    static final int SMALL = 512;
    static final int LARGE = 28;
    private static final int FROM = 4096;
    private static final int MARK_BYTES = 16;
    private static final int MARKS_BYTES = 16 << 10;

    /** Where struct fuse_in_header has {@code unique}. */
    private static final int AT_UNIQUE = 8;

    private final MappedByteBuffer mapped;
    private final List<Slot> small = new ArrayList<>();
    private final List<Slot> large = new ArrayList<>();

    /** One place. */
    public final class Slot {
        private final int index;
        private final ByteBuffer buffer;

        private Slot(int index, ByteBuffer buffer) {
            this.index = index;
            this.buffer = buffer;
        }

        /** Where the request is. */
        public ByteBuffer buffer() {
            return buffer;
        }

        /** Of the request in it, 0 if there is none. */
        public long unique() {
            return buffer.getLong(AT_UNIQUE);
        }

        /** The request is answered, or is in another place. */
        public void clear() {
            buffer.putLong(AT_UNIQUE, 0);
        }

        /** The request was executed, with this outcome; its answer is not sent yet. */
        public void executed(int errno, int count) {
            int at = index * MARK_BYTES;
            mapped.putInt(at + 8, errno);
            mapped.putInt(at + 12, count);
            mapped.putLong(at, unique());
        }

        /** Whether the request in it was executed. */
        public boolean isExecuted() {
            return unique() != 0 && mapped.getLong(index * MARK_BYTES) == unique();
        }

        /** How that ended: 0 or an error. */
        public int errno() {
            return mapped.getInt(index * MARK_BYTES + 8);
        }

        /** The number it was to be answered with, if any. */
        public int count() {
            return mapped.getInt(index * MARK_BYTES + 12);
        }
    }

    Slots(FileChannel channel) throws IOException {
        int size = MARKS_BYTES + SMALL * SMALL_BYTES + LARGE * LARGE_BYTES;
        mapped = HandOver.map(channel, FROM, size);
        int at = MARKS_BYTES;
        for (int i = 0; i < SMALL; i++) {
            small.add(new Slot(i, HandOver.part(mapped, at, SMALL_BYTES)));
            at += SMALL_BYTES;
        }
        for (int i = 0; i < LARGE; i++) {
            large.add(new Slot(SMALL + i, HandOver.part(mapped, at, LARGE_BYTES)));
            at += LARGE_BYTES;
        }
    }

    /** All small places. */
    public List<Slot> small() {
        return List.copyOf(small);
    }

    /** All large places. */
    public List<Slot> large() {
        return List.copyOf(large);
    }

    /** The places that hold a request which may not have been answered. */
    public List<Slot> taken() {
        List<Slot> taken = new ArrayList<>(small);
        taken.addAll(large);
        taken.removeIf(slot -> slot.unique() == 0);
        return taken;
    }
}

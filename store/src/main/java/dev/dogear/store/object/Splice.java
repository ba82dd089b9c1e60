package dev.dogear.store.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One edit of stored content: kept parts of the old list of chunks alternate with parts cut anew. Used once. */
final class Splice {
    /** If boundaries did not meet this many of the longest chunks after a dirty range, the next old one is taken. */
    private static final int PATIENCE = 4;

    private final ObjectTable table;
    private final Edit edit;
    private final ContentSource source;
    private final StoredContent old;
    private final List<Range> dirty;
    private final ChunkListWriter list;
    private final Window window;

    /** Up to here the new content is in the list. */
    private long at;

    Splice(ObjectTable table, Edit edit, ContentSource source) {
        this.table = table;
        this.edit = edit;
        this.source = source;
        this.old = new StoredContent(table, edit.base, edit.baseSize);
        this.dirty = edit.dirtyToTheEnd();
        this.list = new ChunkListWriter(table);
        this.window = new Window(source);
    }

    @Nullable
    ContentRef run() {
        int next = 0;
        while (next < dirty.size()) {
            long start = Math.max(at, cutBefore(dirty.get(next).start()));
            keepUntil(start);
            next = cutAnew(next);
        }
        keepUntil(edit.newSize);
        return list.finish();
    }

    private void keepUntil(long end) {
        list.copy(edit.base, edit.baseSize, at, end);
        at = Math.max(at, end);
    }

    /** Where to start for a change at {@code offset}: every chunk before is cut as it would be in the new content. */
    private long cutBefore(long offset) {
        if (offset == 0) {
            return 0;
        }
        Extent before = old.extentAt(offset - 1);
        if (before.isHole()) {
            return offset;
        }
        boolean cutByItsOwnBytes = before.end() == offset
                && offset < edit.baseSize
                && !old.extentAt(offset).isHole();
        return cutByItsOwnBytes ? offset : before.start();
    }

    /** Cuts from {@code at} over dirty range {@code first} until an old boundary; the number of the next dirty range. */
    private int cutAnew(int first) {
        int next = first + 1;
        long end = dirty.get(first).end();
        while (at < edit.newSize) {
            while (next < dirty.size() && dirty.get(next).start() <= at) {
                end = Math.max(end, dirty.get(next++).end());
            }
            if (at >= end && meets()) {
                break;
            }
            long runEnd = Math.min(edit.newSize, source.runEnd(at));
            if (source.isHole(at)) {
                list.hole(runEnd - at);
                at = runEnd;
            } else {
                Chunker chunker = Chunker.at(at, edit.newSize);
                boolean patient = at < end + (long) PATIENCE * chunker.maxBytes();
                chunk(chunker, patient ? runEnd : Math.min(runEnd, oldBoundaryAfter(at)));
            }
        }
        while (next < dirty.size() && dirty.get(next).end() <= at) {
            next++;
        }
        return next;
    }

    private boolean meets() {
        if (at >= edit.baseSize) {
            return false;
        }
        Extent extent = old.extentAt(at);
        return extent.start() == at || extent.isHole();
    }

    private long oldBoundaryAfter(long offset) {
        return offset < edit.baseSize ? old.extentAt(offset).end() : edit.newSize;
    }

    private void chunk(Chunker chunker, long limit) {
        window.fill(at, (int) Math.min(chunker.maxBytes(), limit - at));
        int length = chunker.cut(window.bytes, window.offset(at), (int) Math.min(chunker.maxBytes(), limit - at));
        ByteBuffer bytes = ByteBuffer.wrap(window.bytes, window.offset(at), length);
        list.chunk(length, table.write(ObjectKind.CHUNK, bytes));
        at += length;
    }

    /** What to make of which content. */
    record Edit(ContentRef base, long baseSize, long newSize, List<Range> dirty) {
        /** The dirty ranges within the new content, and its end where that is not where it was. */
        List<Range> dirtyToTheEnd() {
            List<Range> ranges = new ArrayList<>();
            long end = Math.min(baseSize, newSize);
            for (Range range : dirty) {
                if (range.start() < end) {
                    ranges.add(new Range(range.start(), Math.min(end, range.end())));
                }
            }
            if (newSize != baseSize) {
                ranges.add(new Range(end, newSize));
            }
            return ranges;
        }
    }

    /** The bytes read last, so that what is left of one chunk is not read again for the next. */
    private static final class Window {
        private final ContentSource source;
        private byte[] bytes = {};
        private long start;
        private int length;

        Window(ContentSource source) {
            this.source = source;
        }

        int offset(long position) {
            return (int) (position - start);
        }

        /** Makes {@code wanted} bytes from {@code position} available. */
        void fill(long position, int wanted) {
            int kept = 0;
            if (position >= start && position < start + length) {
                kept = (int) (start + length - position);
                if (kept >= wanted) {
                    return;
                }
            }
            byte[] next = bytes.length < wanted ? new byte[wanted] : bytes;
            if (kept > 0) {
                System.arraycopy(bytes, offset(position), next, 0, kept);
            }
            bytes = next;
            start = position;
            length = wanted;
            source.read(position + kept, ByteBuffer.wrap(bytes, kept, wanted - kept));
        }
    }
}

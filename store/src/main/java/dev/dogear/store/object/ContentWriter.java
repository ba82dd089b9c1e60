package dev.dogear.store.object;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores file content as chunks: appended piece by piece, or as an edit of stored content whose cost follows the edit.
 * One thread.
 */
public final class ContentWriter {
    private final ObjectTable table;
    private final long expectedSize;
    private final ChunkListWriter list;
    private byte[] buffer;
    private int fill;
    private long size;
    /** Where the first byte of the buffer is. */
    private long start;

    /** @param expectedSize decides whether it is to be one chunk */
    public ContentWriter(ObjectTable table, long expectedSize) {
        this.table = table;
        this.expectedSize = expectedSize;
        this.list = new ChunkListWriter(table);
        this.buffer = new byte[(int) Math.min(chunker().maxBytes(), Math.max(512, expectedSize))];
    }

    /** Appends the bytes from position to limit and moves past them. */
    public ContentWriter data(ByteBuffer bytes) {
        size += bytes.remaining();
        while (bytes.hasRemaining()) {
            int most = chunker().maxBytes();
            if (fill == most) {
                emit();
                continue;
            }
            if (fill == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(most, buffer.length * 2));
            }
            int step = Math.min(bytes.remaining(), Math.min(most, buffer.length) - fill);
            bytes.get(buffer, fill, step);
            fill += step;
        }
        return this;
    }

    /** Appends a hole. */
    public ContentWriter hole(long length) {
        emitAll();
        list.hole(length);
        size += length;
        start = size;
        return this;
    }

    /** Number of bytes appended, holes included. */
    public long size() {
        return size;
    }

    /** Ends the content: null if it is empty. */
    public @Nullable ContentRef finish() {
        emitAll();
        return list.finish();
    }

    private void emitAll() {
        while (fill > 0) {
            emit();
        }
    }

    /** Of the chunk that is being filled. */
    private Chunker chunker() {
        return Chunker.at(start, expectedSize);
    }

    private void emit() {
        int length = chunker().cut(buffer, 0, fill);
        start += length;
        list.chunk(length, table.write(ObjectKind.CHUNK, ByteBuffer.wrap(buffer, 0, length)));
        System.arraycopy(buffer, length, buffer, 0, fill - length);
        fill -= length;
    }

    /** Stores {@code size} bytes of {@code source}: null if that is 0. */
    public static @Nullable ContentRef write(ObjectTable table, long size, ContentSource source) {
        ContentWriter writer = new ContentWriter(table, size);
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(size, 64 << 10));
        for (long at = 0; at < size; ) {
            long end = Math.min(size, source.runEnd(at));
            if (source.isHole(at)) {
                writer.hole(end - at);
                at = end;
                continue;
            }
            while (at < end) {
                part.clear().limit((int) Math.min(part.capacity(), end - at));
                source.read(at, part);
                at += part.position();
                writer.data(part.flip());
            }
        }
        return writer.finish();
    }

    /**
     * Stores an edit of stored content: cuts anew from the chunk boundary before each dirty range until boundaries meet
     * the old ones, and takes over all other chunks and list nodes.
     *
     * @param dirty sorted ranges outside of which the content is as it was; the end of content that grew counts as dirty
     *     whether listed or not
     * @param source all of the new content
     * @return the new content: null if {@code newSize} is 0
     */
    public static @Nullable ContentRef splice(
            ObjectTable table,
            @Nullable ContentRef base,
            long baseSize,
            long newSize,
            List<Range> dirty,
            ContentSource source) {
        if (base == null || newSize <= Chunker.WHOLE_BYTES) {
            return write(table, newSize, source);
        }
        if (dirty.isEmpty() && newSize == baseSize) {
            return base;
        }
        return new Splice(table, new Splice.Edit(base, baseSize, newSize, dirty), source).run();
    }
}

package dev.dogear.store.object;

import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The content of one file in an object table, read piece by piece. Immutable; any thread may use it. */
public final class StoredContent implements ContentSource {
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(8192).asReadOnlyBuffer();

    private final ObjectTable table;
    private final @Nullable ContentRef content;
    private final long size;

    /** @param content null if {@code size} is 0 */
    public StoredContent(ObjectTable table, @Nullable ContentRef content, long size) {
        this.table = table;
        this.content = content;
        this.size = size;
    }

    /** The size in bytes. */
    public long size() {
        return size;
    }

    /** Reads up to the end of the content or of {@code target}; the number of bytes read, 0 at or after the end. */
    public int readUpTo(long offset, ByteBuffer target) {
        if (offset >= size || !target.hasRemaining()) {
            return 0;
        }
        int length = (int) Math.min(target.remaining(), size - offset);
        ByteBuffer part = target.duplicate().limit(target.position() + length);
        extents(offset, offset + length, extent -> {
            copy(extent, offset, part);
            return true;
        });
        if (part.hasRemaining()) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Content shorter than its size " + size);
        }
        target.position(target.position() + length);
        return length;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        readUpTo(offset, target);
        if (target.hasRemaining()) {
            throw new IllegalArgumentException("read beyond the end of content");
        }
    }

    private void copy(Extent extent, long offset, ByteBuffer part) {
        long from = Math.max(extent.start(), offset);
        if (extent.chunk() == null) {
            zeros((int) Math.min(part.remaining(), extent.end() - from), part);
            return;
        }
        table.read(extent.chunk(), ObjectKind.CHUNK, bytes -> {
            if (bytes.remaining() != extent.length()) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "Not " + extent.length() + " bytes: CHUNK object " + extent.chunk());
            }
            int skip = (int) (from - extent.start());
            int length = Math.min(part.remaining(), bytes.remaining() - skip);
            return part.put(bytes.slice(bytes.position() + skip, length));
        });
    }

    private static void zeros(int count, ByteBuffer part) {
        for (int left = count; left > 0; ) {
            int step = Math.min(left, ZEROS.capacity());
            part.put(ZEROS.slice(0, step));
            left -= step;
        }
    }

    /** Shows the extents that overlap the range, whole and in order, until the visitor says false. */
    public void extents(long from, long to, ExtentVisitor visitor) {
        if (content == null || from >= Math.min(to, size)) {
            return;
        }
        if (content.kind() == ObjectKind.CHUNK) {
            visitor.extent(new Extent(0, size, content.id()));
        } else {
            walk(content.id(), 0, new Range(from, Math.min(to, size)), visitor);
        }
    }

    private boolean walk(ObjectId id, long nodeStart, Range range, ExtentVisitor visitor) {
        ChunkList.Node node = ChunkList.read(table, id);
        long start = nodeStart;
        for (ChunkList.Item item : node.items()) {
            long end = start + item.length();
            if (start >= range.end()) {
                return true;
            }
            if (end > range.start()) {
                boolean more = (node.level() == 0 || item.id() == null)
                        ? visitor.extent(new Extent(start, item.length(), item.id()))
                        : walk(item.id(), start, range, visitor);
                if (!more) {
                    return false;
                }
            }
            start = end;
        }
        return true;
    }

    /** The extent that holds the byte at {@code offset}, which is below the size. */
    public Extent extentAt(long offset) {
        @Nullable Extent[] found = new Extent[1];
        extents(offset, offset + 1, extent -> {
            found[0] = extent;
            return false;
        });
        @Nullable Extent extent = found[0];
        if (extent == null) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Content shorter than its size " + size);
        }
        return extent;
    }

    @Override
    public boolean isHole(long offset) {
        return extentAt(offset).isHole();
    }

    @Override
    public long runEnd(long offset) {
        long hole = nextHole(offset);
        return hole > offset ? hole : nextData(offset);
    }

    /** The first byte at or after {@code offset} that is not in a hole; the size if there is none. */
    public long nextData(long offset) {
        return next(offset, false);
    }

    /** The first byte at or after {@code offset} in a hole; the size if there is none (the hole behind the end). */
    public long nextHole(long offset) {
        return next(offset, true);
    }

    private long next(long offset, boolean hole) {
        long[] found = {size};
        extents(offset, size, extent -> {
            if (extent.isHole() != hole) {
                return true;
            }
            found[0] = Math.max(offset, extent.start());
            return false;
        });
        return found[0];
    }

    /** Bytes not in holes. */
    public long allocatedBytes() {
        if (content == null) {
            return 0;
        }
        if (content.kind() == ObjectKind.CHUNK) {
            return size;
        }
        return ChunkList.read(table, content.id()).asItem(content.id()).data();
    }

    /**
     * Shows every object the content is made of, nodes before what they hold, until the visitor says false to one; what
     * lies below a node it says false to is left out.
     */
    public void objects(ObjectVisitor visitor) {
        if (content != null && visitor.object(content) && content.kind() == ObjectKind.FILE) {
            objects(content.id(), visitor);
        }
    }

    private void objects(ObjectId id, ObjectVisitor visitor) {
        ChunkList.Node node = ChunkList.read(table, id);
        for (ChunkList.Item item : node.items()) {
            if (item.id() == null) {
                continue;
            }
            ObjectKind kind = node.level() == 0 ? ObjectKind.CHUNK : ObjectKind.FILE;
            if (visitor.object(new ContentRef(kind, item.id())) && kind == ObjectKind.FILE) {
                objects(item.id(), visitor);
            }
        }
    }

    /** Receives extents. */
    @FunctionalInterface
    public interface ExtentVisitor {
        /** @return whether to go on */
        boolean extent(Extent extent);
    }

    /** Receives the objects below another. */
    @FunctionalInterface
    public interface ObjectVisitor {
        /** @return whether to go on below this object */
        boolean object(ContentRef object);
    }
}

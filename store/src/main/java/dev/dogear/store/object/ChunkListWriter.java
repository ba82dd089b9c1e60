package dev.dogear.store.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a list of chunks from left to right, taking over whole nodes of an older list where its node boundaries and ours
 * meet. One thread, used once.
 */
final class ChunkListWriter {
    private final ObjectTable table;
    /** By level, the items of the node not yet ended. */
    private final List<List<ChunkList.Item>> pending = new ArrayList<>();

    private long hole;

    ChunkListWriter(ObjectTable table) {
        this.table = table;
        pending.add(new ArrayList<>());
    }

    void chunk(long length, ObjectId id) {
        endHole();
        add(0, new ChunkList.Item(length, length, id));
    }

    /** Holes that follow each other become one. */
    void hole(long length) {
        hole += length;
    }

    /** Appends the part from {@code from} to {@code to} of an older list; both lie between chunks, or in a hole. */
    void copy(ContentRef list, long size, long from, long to) {
        if (from >= to) {
            return;
        }
        if (list.kind() == ObjectKind.CHUNK) {
            chunk(size, list.id());
            return;
        }
        copy(ChunkList.read(table, list.id()), new Window(from, to, size), 0);
    }

    private void copy(ChunkList.Node node, Window window, long nodeStart) {
        long start = nodeStart;
        for (ChunkList.Item item : node.items()) {
            long end = start + item.length();
            if (end > window.from && start < window.to) {
                copy(item, node.level(), window, start);
            }
            start = end;
        }
    }

    private void copy(ChunkList.Item item, int level, Window window, long start) {
        long end = start + item.length();
        if (item.id() == null) {
            hole(Math.min(end, window.to) - Math.max(start, window.from));
        } else if (level == 0) {
            chunk(item.length(), item.id());
        } else if (start >= window.from && end <= window.to && end < window.size && betweenNodes(level)) {
            // The last node of the older list may lack its boundary (hence end < size): more items may belong to it.
            add(level, item);
        } else {
            copy(ChunkList.read(table, item.id()), window, start);
        }
    }

    private boolean betweenNodes(int level) {
        if (hole > 0) {
            return false;
        }
        for (int below = 0; below < level && below < pending.size(); below++) {
            if (!pending.get(below).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void endHole() {
        if (hole > 0) {
            long length = hole;
            hole = 0;
            add(0, ChunkList.Item.hole(length));
        }
    }

    private void add(int level, ChunkList.Item item) {
        while (pending.size() <= level) {
            pending.add(new ArrayList<>());
        }
        List<ChunkList.Item> items = pending.get(level);
        items.add(item);
        if (item.isBoundary() || items.size() == ChunkList.MAX_ITEMS) {
            end(level);
        }
    }

    private void end(int level) {
        ChunkList.Node node = new ChunkList.Node(level, List.copyOf(pending.get(level)));
        pending.get(level).clear();
        add(level + 1, node.asItem(ChunkList.write(table, node)));
    }

    /** The content, or null if nothing was appended. */
    @Nullable
    ContentRef finish() {
        endHole();
        if (pending.size() == 1 && pending.get(0).isEmpty()) {
            return null;
        }
        for (int level = 0; level < pending.size(); level++) {
            List<ChunkList.Item> items = pending.get(level);
            boolean top = level == pending.size() - 1;
            if (top && items.size() == 1 && items.get(0).id() != null) {
                return single(level, items.get(0));
            }
            if (!items.isEmpty()) {
                end(level);
            }
        }
        throw new AssertionError("the topmost level has one item in the end");
    }

    /** Strips nodes that hold one item only: the same content is to have the same top wherever it was edited. */
    private ContentRef single(int level, ChunkList.Item item) {
        ObjectId id = Objects.requireNonNull(item.id());
        if (level == 0) {
            return new ContentRef(ObjectKind.CHUNK, id);
        }
        ChunkList.Node node = ChunkList.read(table, id);
        if (node.items().size() == 1 && node.items().get(0).id() != null) {
            return single(level - 1, node.items().get(0));
        }
        return new ContentRef(ObjectKind.FILE, id);
    }

    /** The part of an older list of {@code size} bytes that is copied. */
    private record Window(long from, long to, long size) {}
}

package dev.dogear.store.object;

import dev.dogear.store.StoreException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of the list of chunks: a byte with format version and level, the number of items, the items. At level 0 an
 * item is a chunk or a hole, above it is a node one level lower. Which item ends a node is decided by its own id, so an
 * edit moves no node boundary but those beside it.
 */
final class ChunkList {
    /** A node never has more items. */
    static final int MAX_ITEMS = 1024;

    private static final int VERSION = 0x10;
    private static final int LEVEL_MASK = 0x0F;
    private static final int BOUNDARY_MASK = 0x7F;

    private ChunkList() {}

    /**
     * One item of a node.
     *
     * @param length bytes of content it stands for
     * @param data how many of them are not in holes
     * @param id null for a hole
     */
    record Item(long length, long data, @Nullable ObjectId id) {
        static Item hole(long length) {
            return new Item(length, 0, null);
        }

        /** Whether the node ends after this item: one of 128 does. */
        boolean isBoundary() {
            return id != null && (id.hashCode() & BOUNDARY_MASK) == 0;
        }
    }

    /** A node: items of one level. */
    record Node(int level, List<Item> items) {
        Item asItem(ObjectId id) {
            long length = 0;
            long data = 0;
            for (Item item : items) {
                length += item.length();
                data += item.data();
            }
            return new Item(length, data, id);
        }
    }

    static ObjectId write(ObjectTable table, Node node) {
        Output out = new Output(8 + node.items().size() * 36);
        out.u8(VERSION | node.level()).varint(node.items().size());
        for (Item item : node.items()) {
            if (item.id() == null) {
                out.varint(item.length() << 1);
                continue;
            }
            out.varint(item.length() << 1 | 1);
            if (node.level() > 0) {
                out.varint(item.data());
            }
            out.id(item.id());
        }
        return table.write(ObjectKind.FILE, out.buffer());
    }

    static Node read(ObjectTable table, ObjectId id) {
        return table.read(id, ObjectKind.FILE, content -> decode(id, content));
    }

    private static Node decode(ObjectId id, ByteBuffer content) {
        try {
            int head = content.get() & 0xFF;
            if ((head & ~LEVEL_MASK) != VERSION) {
                throw new StoreException(
                        StoreException.Kind.NEWER_FORMAT, "Unknown format " + head + " of FILE object " + id);
            }
            int level = head & LEVEL_MASK;
            int count = Varint.readInt(content);
            List<Item> items = new ArrayList<>(Math.min(count, MAX_ITEMS));
            for (int i = 0; i < count; i++) {
                long tagged = Varint.read(content);
                long length = tagged >>> 1;
                if ((tagged & 1) == 0) {
                    items.add(Item.hole(length));
                } else {
                    long data = level > 0 ? Varint.read(content) : length;
                    items.add(new Item(length, data, ObjectId.read(content)));
                }
            }
            return new Node(level, items);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Malformed FILE object " + id, e);
        }
    }
}

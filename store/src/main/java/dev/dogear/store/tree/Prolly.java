package dev.dogear.store.tree;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a prolly tree. Every key has a rank, decided by random bits of its own: a key of rank r begins a node on
 * each of the r lowest levels. So the shape depends on the set of keys alone. A tree of up to {@link #SMALL} entries is one
 * node whatever the ranks.
 *
 * <p>A node: a byte of version and level, the number of items, the items. An item of a leaf is a key, the value's length
 * and the value; of an inner node the first key below it, the number of entries below it and the node's id.
 */
final class Prolly {
    /** A tree of so many entries is one node. */
    static final int SMALL = 64;

    private static final int LEAF_BITS = 5;
    private static final int INNER_BITS = 6;
    private static final int MAX_LEVEL = 15;
    private static final int LEVEL_MASK = 0x0F;

    private Prolly() {}

    /** The lower node an inner item stands for. */
    record Child(ObjectId id, long count) {}

    /** One item of a node: {@code E} is the value's type in a leaf, {@link Child} above. */
    record Item<K, E>(K key, E element) {}

    /** A node, decoded: exactly one of the lists is in use, {@code leaf} at level 0. */
    record Node<K, V>(int level, List<Item<K, V>> leaf, List<Item<K, Child>> inner) {
        boolean isLeaf() {
            return level == 0;
        }

        long count() {
            if (isLeaf()) {
                return leaf.size();
            }
            long count = 0;
            for (Item<K, Child> item : inner) {
                count += item.element().count();
            }
            return count;
        }

        /** The value of a key of this leaf, or null. */
        @Nullable
        V valueOf(K key, ProllyLayout<K, V> layout) {
            int low = 0;
            int high = leaf.size() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = layout.compare(leaf.get(middle).key(), key);
                if (order == 0) {
                    return leaf.get(middle).element();
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return null;
        }

        /** The place of the child whose keys {@code key} would be among: the last that begins at or before it, else the first. */
        int childOf(K key, ProllyLayout<K, V> layout) {
            int low = 0;
            int high = inner.size() - 1;
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                if (layout.compare(inner.get(middle).key(), key) <= 0) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }
    }

    /** Whether a node of that level begins with {@code key} wherever it stands. */
    static <K> boolean begins(ProllyLayout<K, ?> layout, K key, int level) {
        int bits = Math.min(Long.SIZE - 1, LEAF_BITS + level * INNER_BITS);
        return (layout.boundaryBits(key) & ((1L << bits) - 1)) == 0;
    }

    static <K, V> ObjectId writeLeaf(ObjectTable table, ProllyLayout<K, V> layout, List<Item<K, V>> items) {
        Output out = new Output(64 + items.size() * 96);
        out.u8(layout.version()).varint(items.size());
        Output value = new Output(128);
        for (Item<K, V> item : items) {
            layout.writeKey(out, item.key(), false);
            value.clear();
            layout.writeValue(value, item.element());
            out.counted(value);
        }
        return table.write(ObjectKind.TREE, out.buffer());
    }

    static <K> ObjectId writeInner(
            ObjectTable table, ProllyLayout<K, ?> layout, int level, List<Item<K, Child>> items) {
        if (level > MAX_LEVEL) {
            throw new IllegalStateException("a tree has more than " + MAX_LEVEL + " levels");
        }
        Output out = new Output(64 + items.size() * 64);
        out.u8(layout.version() | level).varint(items.size());
        for (Item<K, Child> item : items) {
            layout.writeKey(out, item.key(), true);
            out.varint(item.element().count()).id(item.element().id());
        }
        return table.write(ObjectKind.TREE, out.buffer());
    }

    static <K, V> Node<K, V> read(ObjectTable table, ProllyLayout<K, V> layout, ObjectId id) {
        return table.decode(id, ObjectKind.TREE, new NodeDecoder<>(layout));
    }

    /** Layouts are singletons, so two of these are equal if they are of one layout. */
    private record NodeDecoder<K, V>(ProllyLayout<K, V> layout) implements ObjectTable.Decoder<Node<K, V>> {
        @Override
        public Node<K, V> decode(ObjectId id, ByteBuffer content) {
            return Prolly.decode(layout, id, content);
        }
    }

    private static <K, V> Node<K, V> decode(ProllyLayout<K, V> layout, ObjectId id, ByteBuffer in) {
        try {
            int level = level(layout, id, in);
            int count = Varint.readInt(in);
            if (level == 0) {
                List<Item<K, V>> items = new ArrayList<>(Math.min(count, in.remaining()));
                for (int i = 0; i < count; i++) {
                    K key = layout.readKey(in, false);
                    int end = Varint.readInt(in) + in.position();
                    items.add(new Item<>(key, layout.readValue(in)));
                    in.position(end);
                }
                return new Node<>(level, items, List.of());
            }
            List<Item<K, Child>> items = new ArrayList<>(Math.min(count, in.remaining()));
            for (int i = 0; i < count; i++) {
                K key = layout.readKey(in, true);
                long below = Varint.read(in);
                items.add(new Item<>(key, new Child(ObjectId.read(in), below)));
            }
            return new Node<>(level, List.of(), items);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Malformed TREE object " + id, e);
        }
    }

    private static int level(ProllyLayout<?, ?> layout, ObjectId id, ByteBuffer in) {
        int head = in.get() & 0xFF;
        if ((head & ~LEVEL_MASK) != layout.version()) {
            throw new StoreException(
                    StoreException.Kind.NEWER_FORMAT, "Unknown format " + head + " of TREE object " + id);
        }
        return head & LEVEL_MASK;
    }

    /** What a node says of a key: the node below to ask, else the value, else that there is none. */
    private record Step<V>(
            @Nullable ObjectId below, @Nullable V value) {}

    /** The value of {@code key}, or null. Values beside it are passed over, unless they are decoded once for all. */
    static <K, V> @Nullable V find(ObjectTable table, ProllyLayout<K, V> layout, ObjectId root, K key) {
        if (table.keepsDecoded()) {
            return findDecoded(table, layout, root, key);
        }
        ObjectId id = root;
        while (true) {
            ObjectId asked = id;
            Step<V> step = table.read(asked, ObjectKind.TREE, content -> step(layout, asked, content, key));
            ObjectId below = step.below;
            if (below == null) {
                return step.value;
            }
            id = below;
        }
    }

    private static <K, V> @Nullable V findDecoded(ObjectTable table, ProllyLayout<K, V> layout, ObjectId root, K key) {
        Node<K, V> node = read(table, layout, root);
        while (!node.isLeaf()) {
            Child below = node.inner().get(node.childOf(key, layout)).element();
            node = read(table, layout, below.id());
        }
        return node.valueOf(key, layout);
    }

    private static <K, V> Step<V> step(ProllyLayout<K, V> layout, ObjectId id, ByteBuffer in, K key) {
        try {
            int level = level(layout, id, in);
            int count = Varint.readInt(in);
            return level == 0 ? inLeaf(layout, in, count, key) : inInner(layout, in, count, key);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Malformed TREE object " + id, e);
        }
    }

    private static <K, V> Step<V> inLeaf(ProllyLayout<K, V> layout, ByteBuffer in, int count, K key) {
        for (int i = 0; i < count; i++) {
            boolean found = layout.readKey(in, false).equals(key);
            int end = Varint.readInt(in) + in.position();
            if (found) {
                return new Step<>(null, layout.readValue(in));
            }
            in.position(end);
        }
        return new Step<>(null, null);
    }

    /** The last child that begins at or before the key, else the first. */
    private static <K, V> Step<V> inInner(ProllyLayout<K, V> layout, ByteBuffer in, int count, K key) {
        ObjectId below = null;
        for (int i = 0; i < count; i++) {
            boolean isBehind = layout.compare(layout.readKey(in, true), key) > 0;
            if (isBehind && below != null) {
                break;
            }
            long unused = Varint.read(in);
            below = ObjectId.read(in);
        }
        return new Step<>(below, null);
    }

    /** Shows the entries not {@code before} the start in order until the visitor says false; whether it never did. */
    static <K, V> boolean list(
            ObjectTable table, ProllyLayout<K, V> layout, ObjectId id, Predicate<K> before, Visitor<K, V> visitor) {
        Node<K, V> node = read(table, layout, id);
        for (Item<K, V> item : node.leaf()) {
            if (!before.test(item.key()) && !visitor.entry(item.key(), item.element())) {
                return false;
            }
        }
        int first = 0;
        while (first + 1 < node.inner().size()
                && before.test(node.inner().get(first + 1).key())) {
            first++;
        }
        for (Item<K, Child> item : node.inner().subList(first, node.inner().size())) {
            if (!list(table, layout, item.element().id(), before, visitor)) {
                return false;
            }
        }
        return true;
    }

    /** Shows every entry of every node that {@code into} lets in. */
    static <K, V> void walk(
            ObjectTable table,
            ProllyLayout<K, V> layout,
            ObjectId id,
            Predicate<ObjectId> into,
            Visitor<K, V> visitor) {
        if (!into.test(id)) {
            return;
        }
        Node<K, V> node = read(table, layout, id);
        for (Item<K, V> item : node.leaf()) {
            if (!visitor.entry(item.key(), item.element())) {
                return;
            }
        }
        for (Item<K, Child> item : node.inner()) {
            walk(table, layout, item.element().id(), into, visitor);
        }
    }

    /** Receives entries. */
    @FunctionalInterface
    interface Visitor<K, V> {
        /** @return whether to go on */
        boolean entry(K key, V value);
    }
}

package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Prolly.Child;
import dev.dogear.store.tree.Prolly.Item;
import dev.dogear.store.tree.Prolly.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares two prolly trees key by key without looking into nodes they share. Equal nodes begin with the same key, so it
 * is enough never to open a node before the other side has come to its first key.
 */
final class ProllyDiff<K, V> {
    private final ProllyLayout<K, V> layout;
    private final Cursor before;
    private final Cursor after;

    private ProllyDiff(
            ObjectTable table, ProllyLayout<K, V> layout, @Nullable ObjectId before, @Nullable ObjectId after) {
        this.layout = layout;
        this.before = new Cursor(table, before);
        this.after = new Cursor(table, after);
    }

    /** Shows what is not equal in key order, until the visitor says false. */
    static <K, V> void run(
            ObjectTable table,
            ProllyLayout<K, V> layout,
            @Nullable ObjectId before,
            @Nullable ObjectId after,
            Visitor<K, V> visitor) {
        if (!Objects.equals(before, after)) {
            new ProllyDiff<>(table, layout, before, after).run(visitor);
        }
    }

    private void run(Visitor<K, V> visitor) {
        boolean more = true;
        while (more && !(before.atEnd() && after.atEnd())) {
            int order = order();
            Cursor first = order <= 0 ? before : after;
            if (order != 0) {
                more = first.open() || showOne(order < 0, visitor);
            } else if (before.child() != null || after.child() != null) {
                sameStart();
            } else {
                K key = before.key();
                V left = before.take();
                V right = after.take();
                more = left.equals(right) || visitor.entry(key, left, right);
            }
        }
    }

    private boolean showOne(boolean onlyBefore, Visitor<K, V> visitor) {
        if (onlyBefore) {
            K key = before.key();
            return visitor.entry(key, before.take(), null);
        }
        K key = after.key();
        return visitor.entry(key, null, after.take());
    }

    private int order() {
        if (before.atEnd()) {
            return 1;
        }
        return after.atEnd() ? -1 : layout.compare(before.key(), after.key());
    }

    /** Both begin with the same key and at least one is a node: skips what is equal, opens the higher one otherwise. */
    private void sameStart() {
        Child left = before.child();
        Child right = after.child();
        if (left != null && right != null && left.id().equals(right.id())) {
            before.skip();
            after.skip();
            return;
        }
        int higher = before.level() - after.level();
        if (higher >= 0) {
            before.open();
        }
        if (higher <= 0) {
            after.open();
        }
    }

    /** A place in a tree: at a node not yet opened, or at an entry. */
    private final class Cursor {
        private final ObjectTable table;
        private final Deque<Iterator<? extends Item<K, ?>>> rest = new ArrayDeque<>();
        private final Deque<Integer> levels = new ArrayDeque<>();
        private @Nullable Item<K, ?> current;
        private int level;

        Cursor(ObjectTable table, @Nullable ObjectId root) {
            this.table = table;
            if (root != null) {
                enter(root);
            }
        }

        private void enter(ObjectId id) {
            Node<K, V> node = Prolly.read(table, layout, id);
            rest.push(node.isLeaf() ? node.leaf().iterator() : node.inner().iterator());
            levels.push(node.level());
            skip();
        }

        /** Moves on without opening what is here. */
        void skip() {
            while (!rest.isEmpty() && !rest.peek().hasNext()) {
                rest.pop();
                levels.pop();
            }
            current = rest.isEmpty() ? null : rest.peek().next();
            level = rest.isEmpty() ? 0 : levels.peek();
        }

        boolean atEnd() {
            return current == null;
        }

        K key() {
            return item().key();
        }

        /** The level of the node whose item this is: 0 at an entry. */
        int level() {
            return level;
        }

        @Nullable
        Child child() {
            return item().element() instanceof Child child && level > 0 ? child : null;
        }

        /** Goes to the first item of the node here; false if an entry is here. */
        boolean open() {
            Child child = child();
            if (child == null) {
                return false;
            }
            enter(child.id());
            return true;
        }

        @SuppressWarnings("unchecked") // Level 0 holds values.
        V take() {
            V value = (V) item().element();
            skip();
            return value;
        }

        private Item<K, ?> item() {
            if (current == null) {
                throw new IllegalStateException("the cursor is at the end");
            }
            return current;
        }
    }

    /** Receives differences. */
    @FunctionalInterface
    interface Visitor<K, V> {
        /** @return whether to go on */
        boolean entry(K key, @Nullable V before, @Nullable V after);
    }
}

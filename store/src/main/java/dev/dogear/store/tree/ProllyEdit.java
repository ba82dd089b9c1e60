package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Prolly.Child;
import dev.dogear.store.tree.Prolly.Item;
import dev.dogear.store.tree.Prolly.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One edit of a prolly tree, level by level from the leaves: the nodes that hold edited keys are read, their items edited
 * and cut into nodes again, and what became of the nodes is the edit of the level above. One thread, used once.
 */
final class ProllyEdit<K, V> {
    private final ObjectTable table;
    private final ProllyLayout<K, V> layout;
    private final @Nullable ObjectId root;
    private final Map<ObjectId, Node<K, V>> read = new HashMap<>();

    ProllyEdit(ObjectTable table, ProllyLayout<K, V> layout, @Nullable ObjectId root) {
        this.table = table;
        this.layout = layout;
        this.root = root;
    }

    /** @return the root of the edited tree and its number of entries; null if it has none */
    @Nullable
    Child apply(SortedMap<K, Optional<V>> edits) {
        if (root == null) {
            return build(merge(List.of(), edits));
        }
        Node<K, V> top = node(root);
        if (edits.isEmpty()) {
            return new Child(root, top.count());
        }
        if (top.count() <= Prolly.SMALL) {
            return build(merge(allItems(root), edits));
        }
        SortedMap<K, Optional<Child>> changed =
                new Level<>(top, 0, Node::leaf, items -> Prolly.writeLeaf(table, layout, items)).edit(edits);
        for (int level = 1; level <= top.level(); level++) {
            changed = inner(top, level).edit(changed);
        }
        K first = top.isLeaf() ? top.leaf().get(0).key() : top.inner().get(0).key();
        return finish(merge(List.of(new Item<>(first, new Child(root, top.count()))), changed), top.level() + 1);
    }

    /** Brings the items of the level above the old root to one, and that to the form its size asks for. */
    private @Nullable Child finish(List<Item<K, Child>> items, int level) {
        if (items.isEmpty()) {
            return null;
        }
        Child result = join(items, level);
        if (result.count() <= Prolly.SMALL) {
            return build(allItems(result.id()));
        }
        Node<K, V> node = node(result.id());
        while (!node.isLeaf() && node.inner().size() == 1) {
            result = node.inner().get(0).element();
            node = node(result.id());
        }
        return result;
    }

    private @Nullable Child build(List<Item<K, V>> entries) {
        if (entries.isEmpty()) {
            return null;
        }
        if (entries.size() <= Prolly.SMALL) {
            return new Child(Prolly.writeLeaf(table, layout, entries), entries.size());
        }
        List<Item<K, Child>> items = new ArrayList<>();
        for (List<Item<K, V>> part : cut(entries, 0)) {
            ObjectId id = Prolly.writeLeaf(table, layout, part);
            items.add(new Item<>(part.get(0).key(), new Child(id, part.size())));
        }
        return join(items, 1);
    }

    /** Builds levels from {@code level} up until one node holds all. */
    private Child join(List<Item<K, Child>> items, int level) {
        List<Item<K, Child>> nodes = items;
        for (int at = level; nodes.size() > 1; at++) {
            List<Item<K, Child>> above = new ArrayList<>();
            for (List<Item<K, Child>> part : cut(nodes, at)) {
                ObjectId id = Prolly.writeInner(table, layout, at, part);
                above.add(new Item<>(part.get(0).key(), new Child(id, countOf(part))));
            }
            nodes = above;
        }
        return nodes.get(0).element();
    }

    private static <K> long countOf(List<Item<K, Child>> items) {
        long count = 0;
        for (Item<K, Child> item : items) {
            count += item.element().count();
        }
        return count;
    }

    /** Cuts items before each that begins a node of the level; the first begins one in any case. */
    private <E> List<List<Item<K, E>>> cut(List<Item<K, E>> items, int level) {
        List<List<Item<K, E>>> parts = new ArrayList<>();
        int start = 0;
        for (int i = 1; i < items.size(); i++) {
            if (Prolly.begins(layout, items.get(i).key(), level)) {
                parts.add(items.subList(start, i));
                start = i;
            }
        }
        if (start < items.size()) {
            parts.add(items.subList(start, items.size()));
        }
        return parts;
    }

    private <E> List<Item<K, E>> merge(List<Item<K, E>> items, SortedMap<K, Optional<E>> edits) {
        List<Item<K, E>> merged = new ArrayList<>(items.size() + edits.size());
        int at = 0;
        for (Map.Entry<K, Optional<E>> edit : edits.entrySet()) {
            while (at < items.size() && layout.compare(items.get(at).key(), edit.getKey()) < 0) {
                merged.add(items.get(at++));
            }
            if (at < items.size() && layout.compare(items.get(at).key(), edit.getKey()) == 0) {
                at++;
            }
            edit.getValue().ifPresent(element -> merged.add(new Item<>(edit.getKey(), element)));
        }
        merged.addAll(items.subList(at, items.size()));
        return merged;
    }

    private List<Item<K, V>> allItems(ObjectId id) {
        List<Item<K, V>> items = new ArrayList<>();
        Prolly.list(table, layout, id, key -> false, (key, value) -> items.add(new Item<>(key, value)));
        return items;
    }

    private Node<K, V> node(ObjectId id) {
        return read.computeIfAbsent(id, missing -> Prolly.read(table, layout, missing));
    }

    private Level<Child> inner(Node<K, V> top, int level) {
        return new Level<>(top, level, Node::inner, items -> Prolly.writeInner(table, layout, level, items));
    }

    /** A node of the old tree: its first key, and the first key of the node to its right. */
    private record Old<K, V>(
            Node<K, V> node, K first, @Nullable K next) {}

    /** One level of the old tree being edited; {@code E} is what its items hold. */
    private final class Level<E> {
        private final Node<K, V> top;
        private final int level;
        private final Function<Node<K, V>, List<Item<K, E>>> items;
        private final Function<List<Item<K, E>>, ObjectId> writer;
        private final SortedMap<K, Optional<Child>> above = new TreeMap<>(layout::compare);

        Level(
                Node<K, V> top,
                int level,
                Function<Node<K, V>, List<Item<K, E>>> items,
                Function<List<Item<K, E>>, ObjectId> writer) {
            this.top = top;
            this.level = level;
            this.items = items;
            this.writer = writer;
        }

        /** @return which nodes of this level are gone and which are there now, by their first keys */
        SortedMap<K, Optional<Child>> edit(SortedMap<K, Optional<E>> edits) {
            SortedMap<K, Optional<E>> left = edits;
            List<Item<K, E>> run = new ArrayList<>();
            @Nullable Old<K, V> runStart = null;
            @Nullable Old<K, V> last = null;
            while (!left.isEmpty()) {
                Old<K, V> old = holding(left.firstKey());
                if (runStart == null || last == null || !follows(last, old)) {
                    end(runStart, run);
                    run = new ArrayList<>();
                    runStart = old;
                }
                K next = old.next;
                SortedMap<K, Optional<E>> here = next == null ? left : left.headMap(next);
                run.addAll(merge(items.apply(old.node), here));
                above.put(old.first, Optional.empty());
                last = old;
                left = next == null ? new TreeMap<>(layout::compare) : left.tailMap(next);
            }
            end(runStart, run);
            return above;
        }

        private boolean follows(Old<K, V> left, Old<K, V> right) {
            return left.next != null && layout.compare(left.next, right.first) == 0;
        }

        /** Cuts the items of adjacent old nodes into new ones; what begins no node belongs to the node on the left. */
        private void end(@Nullable Old<K, V> start, List<Item<K, E>> run) {
            if (start == null || run.isEmpty()) {
                return;
            }
            List<Item<K, E>> all = run;
            if (!Prolly.begins(layout, run.get(0).key(), level)) {
                @Nullable Old<K, V> before = before(start.first);
                if (before != null) {
                    above.put(before.first, Optional.empty());
                    all = new ArrayList<>(items.apply(before.node));
                    all.addAll(run);
                }
            }
            for (List<Item<K, E>> part : cut(all, level)) {
                long count = 0;
                for (Item<K, E> item : part) {
                    count += item.element() instanceof Child child ? child.count() : 1;
                }
                above.put(part.get(0).key(), Optional.of(new Child(writer.apply(part), count)));
            }
        }

        private Old<K, V> holding(K key) {
            return descend(node -> node.childOf(key, layout));
        }

        /** The node to the left of the one that begins with {@code first}, or null. */
        private @Nullable Old<K, V> before(K first) {
            Old<K, V> found = descend(node -> {
                int child = node.childOf(first, layout);
                boolean begins = layout.compare(node.inner().get(child).key(), first) == 0;
                return begins && child > 0 ? child - 1 : child;
            });
            return layout.compare(found.first, first) < 0 ? found : null;
        }

        private Old<K, V> descend(Function<Node<K, V>, Integer> choice) {
            Node<K, V> node = top;
            K first = node.isLeaf()
                    ? node.leaf().get(0).key()
                    : node.inner().get(0).key();
            @Nullable K next = null;
            while (node.level() > level) {
                int child = choice.apply(node);
                first = node.inner().get(child).key();
                if (child + 1 < node.inner().size()) {
                    next = node.inner().get(child + 1).key();
                }
                node = node(node.inner().get(child).element().id());
            }
            return new Old<>(node, first, next);
        }
    }
}

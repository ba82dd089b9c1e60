package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Trees;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Edits ours to be the result, from the deepest directory up. */
final class ResultTree {
    private final ObjectTable table;
    private final Items items;
    private final MergeOptions options;
    private final LinkMerge links;
    private final Map<Item, SortedMap<Name, Optional<TreeEntry>>> edits = new HashMap<>();
    private final Map<Item, Integer> depths = new HashMap<>();
    private final PriorityQueue<Item> deepestFirst =
            new PriorityQueue<>(Comparator.comparingInt((Item directory) -> -depth(directory)));
    private final Set<Item> queued = new HashSet<>();

    ResultTree(ObjectTable table, Items items, MergeOptions options, LinkMerge links) {
        this.table = table;
        this.items = items;
        this.options = options;
        this.links = links;
    }

    Root build(Root ours, Set<Item> touched) {
        Set<Item> concerned = new LinkedHashSet<>(touched);
        concerned.addAll(links.items());
        concerned.forEach(this::remove);
        concerned.forEach(this::put);
        queue(items.root());
        TreeEntry root = ours.directory();
        for (Item next = deepestFirst.poll(); next != null; next = deepestFirst.poll()) {
            TreeEntry entry = directory(next);
            if (next.isRoot()) {
                root = entry;
            } else {
                store(Objects.requireNonNull(items.inResult(next)), entry);
            }
        }
        return new Root(root, links.edit(ours.links()), null);
    }

    private void remove(Item item) {
        Item.@Nullable Spot ours = items.inOurs(item);
        if (ours == null || ours.parent() == null || !isMoved(ours, items.inResult(item))) {
            return;
        }
        Item parent = ours.parent();
        if (parent.canonical() == parent && items.inResult(parent) != null) {
            edits(parent).put(ours.name(), Optional.empty());
        }
    }

    private static boolean isMoved(Item.@Nullable Spot ours, Item.@Nullable Spot result) {
        if (ours == null || result == null) {
            return (ours == null) != (result == null);
        }
        // Not samePlace: what was in a directory that became one with another has to be moved there.
        @Nullable Item parent = result.parent();
        return ours.parent() != (parent == null ? null : parent.canonical())
                || !ours.name().equals(result.name());
    }

    private void put(Item item) {
        Item.@Nullable Spot result = items.inResult(item);
        if (result == null || item.canonical() != item) {
            return;
        }
        Item.@Nullable Spot ours = items.inOurs(item);
        if (item.isDirectory()) {
            if (isMoved(ours, result) || ours == null || !Decisions.sameState(ours.entry(), result.entry())) {
                queue(item);
            }
            return;
        }
        @Nullable TreeEntry stored = links.stored(item);
        if (stored != null) {
            store(result, stored);
        } else if (ours == null || isMoved(ours, result) || !ours.entry().sameState(result.entry())) {
            boolean moved = isMoved(ours, result);
            store(result, Stamps.file(withOwnFileId(result.entry(), ours), ours, moved, options.time()));
        }
    }

    /** Who has our file open, or its name in a cache, must not find another type of file, or another target, under its id. */
    private TreeEntry withOwnFileId(TreeEntry entry, Item.@Nullable Spot ours) {
        boolean taken = ours != null
                && ours.entry().fileId() == entry.fileId()
                && !ours.entry().canBecome(entry);
        return taken ? entry.withFileId(options.fileIds().getAsInt()) : entry;
    }

    private void store(Item.Spot result, TreeEntry entry) {
        Item parent = Objects.requireNonNull(result.parent()).canonical();
        edits(parent).put(result.name(), Optional.of(entry));
    }

    private SortedMap<Name, Optional<TreeEntry>> edits(Item directory) {
        queue(directory);
        return edits.computeIfAbsent(directory, key -> new TreeMap<>());
    }

    private void queue(Item directory) {
        if (queued.add(directory)) {
            deepestFirst.add(directory);
        }
    }

    private int depth(Item directory) {
        @Nullable Integer known = depths.get(directory);
        if (known == null) {
            known = items.depth(directory);
            depths.put(directory, known);
        }
        return known;
    }

    private TreeEntry directory(Item directory) {
        Item.@Nullable Spot ours = items.inOurs(directory);
        Item.Spot result = Objects.requireNonNull(items.inResult(directory));
        TreeEntry start = ours == null
                ? result.entry().withContent(0, null)
                : ours.entry().withAttributes(result.entry().attributes());
        TreeEntry edited = Trees.editDirectory(table, start, edits.getOrDefault(directory, new TreeMap<>()));
        return Stamps.file(edited, ours, isMoved(ours, result), options.time());
    }
}

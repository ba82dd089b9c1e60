package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges which names are one file: each name's group is merged like an attribute, and the groups concerned are put together
 * anew. Also gives what theirs added a file id nothing else has.
 */
final class LinkMerge {
    private final ObjectTable table;
    private final Items items;
    private final MergeOptions options;
    private final Map<Integer, Set<Item>> members = new LinkedHashMap<>();
    private final Map<Item, Integer> groupOf = new HashMap<>();
    private final Map<Item, TreeEntry> stored = new LinkedHashMap<>();
    private final Map<Integer, Optional<LinkedFile>> edits = new HashMap<>();
    private final Set<Integer> used = new HashSet<>();

    LinkMerge(ObjectTable table, Items items, MergeOptions options) {
        this.table = table;
        this.items = items;
        this.options = options;
    }

    /** What to store of an item: LINKED if it is of a group. Null: its own entry. */
    @Nullable
    TreeEntry stored(Item item) {
        return stored.get(item);
    }

    /** The items whose entry has to be written anew for the sake of their group. */
    Set<Item> items() {
        return stored.keySet();
    }

    @Nullable
    ObjectId edit(@Nullable ObjectId links) {
        return edits.isEmpty() ? links : LinkTable.edit(table, links, edits);
    }

    void merge(Side ours, Side theirs, Set<Item> touched) {
        Set<Integer> concerned = new LinkedHashSet<>();
        if (ours.root().links() != null || theirs.root().links() != null) {
            for (Item item : touched) {
                group(item, ours, theirs, concerned);
            }
            if (touched.stream().anyMatch(this::isMovedDirectory)) {
                LinkTable.list(table, ours.root().links(), (fileId, file) -> {
                    concerned.add(fileId);
                    return true;
                });
            }
            concerned.forEach(group -> gather(group, ours));
        }
        used.addAll(theirs.replacedFileIds());
        giveFileIds(touched);
        members.forEach((group, names) -> putTogether(group, names, ours));
    }

    private void group(Item item, Side ours, Side theirs, Set<Integer> concerned) {
        if (item.isDirectory()) {
            return;
        }
        int left = groupIn(ours, items.inOurs(item));
        int right = groupIn(theirs, items.inTheirs(item));
        concerned.add(left);
        concerned.add(right);
        if (item.result() == null) {
            return;
        }
        int group = left;
        if (items.inOurs(item) == null) {
            group = right;
        } else if (items.inTheirs(item) != null && right != groupInBase(item)) {
            group = right;
        }
        groupOf.put(item, group);
    }

    private int groupInBase(Item item) {
        Item.@Nullable Spot spot = items.inBase(item);
        return spot == null ? 0 : group(Trees.find(table, items.base(), spot.path()));
    }

    private int groupIn(Side side, Item.@Nullable Spot spot) {
        return spot == null ? 0 : group(Trees.find(table, side.root(), spot.path()));
    }

    private static int group(@Nullable TreeEntry raw) {
        return raw != null && raw.type() == EntryType.LINKED ? raw.fileId() : 0;
    }

    private boolean isMovedDirectory(Item item) {
        if (!item.isDirectory()) {
            return false;
        }
        Item.@Nullable Spot ours = items.inOurs(item);
        return item.canonical() != item || (ours != null && item.result() != null && !ours.samePlace(item.result()));
    }

    private void gather(int group, Side ours) {
        if (group == 0) {
            return;
        }
        Set<Item> names = new LinkedHashSet<>();
        @Nullable LinkedFile file = LinkTable.find(table, ours.root().links(), group);
        if (file != null) {
            edits.put(group, Optional.empty());
            for (TreePath path : file.paths()) {
                Item item = items.at(ours, path);
                if (items.inResult(item) != null && groupOf.getOrDefault(item, group) == group) {
                    names.add(item);
                }
            }
        }
        groupOf.forEach((item, of) -> {
            if (of == group && items.inResult(item) != null) {
                names.add(item);
            }
        });
        members.put(group, names);
    }

    /** Ours keep their file ids; what theirs added keeps its own unless it is taken. */
    private void giveFileIds(Set<Item> touched) {
        List<Item> added = new ArrayList<>();
        Map<Integer, Item> alone = new LinkedHashMap<>();
        for (Item item : touched) {
            Item.@Nullable Spot spot = item.result();
            if (spot == null) {
                continue;
            }
            int fileId = spot.entry().fileId();
            if (items.inOurs(item) == null) {
                added.add(item);
            } else if (groupOf.getOrDefault(item, 0) != 0) {
                used.add(fileId);
            } else if (hasLeft(item, spot)) {
                renew(item, spot);
            } else {
                used.add(fileId);
                claim(alone, fileId, item);
            }
        }
        for (Item item : added) {
            if (groupOf.getOrDefault(item, 0) == 0) {
                Item.Spot spot = Objects.requireNonNull(item.result());
                item.decide(
                        spot.withEntry(spot.entry().withFileId(free(spot.entry().fileId()))));
            }
        }
    }

    /** Of the names a file had, one is the file when they part: that which theirs has as the file. */
    private void claim(Map<Integer, Item> alone, int fileId, Item item) {
        @Nullable Item other = alone.put(fileId, item);
        if (other != null) {
            Item.@Nullable Spot theirs = items.inTheirs(item);
            boolean isIt = theirs != null && theirs.entry().fileId() == fileId;
            Item renewed = isIt ? other : item;
            alone.put(fileId, isIt ? item : other);
            renew(renewed, Objects.requireNonNull(renewed.result()));
        }
    }

    private void renew(Item item, Item.Spot spot) {
        item.decide(spot.withEntry(spot.entry().withFileId(options.fileIds().getAsInt())));
    }

    /** Whether a name is no longer one of a file that lives on under others: what is there now is another file. */
    private boolean hasLeft(Item item, Item.Spot result) {
        int fileId = result.entry().fileId();
        return groupOf.getOrDefault(item, 0) == 0
                && members.getOrDefault(fileId, Set.of()).stream().anyMatch(name -> name != item);
    }

    private int free(int wanted) {
        int fileId = used.contains(wanted) ? options.fileIds().getAsInt() : wanted;
        used.add(fileId);
        return fileId;
    }

    private void putTogether(int group, Set<Item> names, Side ours) {
        if (names.isEmpty()) {
            return;
        }
        Item leader = leader(names);
        TreeEntry entry = Objects.requireNonNull(items.inResult(leader)).entry();
        Item.@Nullable Spot old = items.inOurs(leader);
        boolean ourGroup = names.stream().anyMatch(name -> isOurs(name, group)) || edits.containsKey(group);
        boolean fixed = names.stream().anyMatch(name -> isOurs(name, group) && !canBecome(name, entry));
        int fileId = fixed ? options.fileIds().getAsInt() : ourGroup ? group : free(group);
        TreeEntry file = Stamps.file(entry.withFileId(fileId), old, old == null, options.time());
        if (names.size() == 1) {
            stored.put(leader, file);
            return;
        }
        ImmutableSortedSet.Builder<TreePath> paths = ImmutableSortedSet.naturalOrder();
        for (Item name : names) {
            paths.add(Objects.requireNonNull(items.resultPath(name)));
            stored.put(name, TreeEntry.linked(fileId));
        }
        LinkedFile record = new LinkedFile(file, paths.build());
        if (record.equals(LinkTable.find(table, ours.root().links(), fileId))) {
            edits.remove(fileId);
        } else {
            edits.put(fileId, Optional.of(record));
        }
    }

    private boolean canBecome(Item item, TreeEntry entry) {
        return Objects.requireNonNull(items.inOurs(item)).entry().canBecome(entry);
    }

    private boolean isOurs(Item item, int fileId) {
        Item.@Nullable Spot ours = items.inOurs(item);
        return ours != null && ours.entry().fileId() == fileId;
    }

    /** The name whose state is the file's: one both sides know first, since that state was merged. */
    private Item leader(Set<Item> names) {
        @Nullable Item leader = null;
        for (Item name : names) {
            boolean merged = items.inOurs(name) != null && items.inTheirs(name) != null && name.basePath() != null;
            if (merged && name.isDecided()) {
                return name;
            }
            if (leader == null || (items.inOurs(leader) == null && items.inOurs(name) != null)) {
                leader = name;
            }
        }
        return Objects.requireNonNull(leader);
    }
}

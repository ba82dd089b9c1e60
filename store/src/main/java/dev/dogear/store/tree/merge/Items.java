package dev.dogear.store.tree.merge;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All items of one merge that were asked for: which paths of base, ours and theirs are the same file or directory. */
final class Items {
    private static final Name NO_NAME = Name.of("-");

    private final ObjectTable table;
    private final Root base;
    private final Side ours;
    private final Side theirs;
    private final IdentityHashMap<Root, Map<TreePath, TreeEntry>> entries = new IdentityHashMap<>();
    private final Map<TreePath, Item> ofBase = new HashMap<>();
    private final Map<Key, Item> added = new HashMap<>();
    private final Map<TreePath, Conflict> conflictsOfBase;
    private final Map<TreePath, Conflict> conflictsOfOurs;
    private final Map<TreePath, Conflict> conflictsOfTheirs;

    Items(ObjectTable table, Root base, Side ours, Side theirs) {
        this.table = table;
        this.base = base;
        this.ours = ours;
        this.theirs = theirs;
        this.conflictsOfBase = ConflictList.of(table, base);
        this.conflictsOfOurs = ConflictList.of(table, ours.root());
        this.conflictsOfTheirs = ConflictList.of(table, theirs.root());
    }

    /** What two sides added at the same place is one item. */
    private record Key(Item parent, Name name, boolean directory) {}

    /** What was conflicted in base, by the path there. */
    Map<TreePath, Conflict> conflictsOfBase() {
        return conflictsOfBase;
    }

    Map<TreePath, Conflict> conflictsOfOurs() {
        return conflictsOfOurs;
    }

    Map<TreePath, Conflict> conflictsOfTheirs() {
        return conflictsOfTheirs;
    }

    Root base() {
        return base;
    }

    Side ours() {
        return ours;
    }

    Item root() {
        return ofBase(TreePath.ROOT);
    }

    /** The items that a side changed. */
    Set<Item> touchedBy(Side side) {
        Set<Item> touched = new LinkedHashSet<>();
        for (PathChange change : side.changesOfOld()) {
            touched.add(ofBase(Objects.requireNonNull(change.oldPath())));
        }
        for (PathChange change : side.changesAt()) {
            touched.add(at(side, change.path()));
        }
        return touched;
    }

    Item ofBase(TreePath path) {
        @Nullable Item known = ofBase.get(path);
        if (known == null) {
            known = new Item(path, Side.isDirectory(entry(base, path)));
            ofBase.put(path, known);
        }
        return known;
    }

    /** The item that a side has at a path; something must be there. */
    Item at(Side side, TreePath path) {
        if (path.isRoot()) {
            return root();
        }
        @Nullable PathChange change = side.at(path);
        if (change == null) {
            Item parent = at(side, path.parent());
            return ofBase(Objects.requireNonNull(parent.basePath()).child(path.name()));
        }
        if (change.before() != null) {
            return ofBase(Objects.requireNonNull(change.oldPath()));
        }
        TreeEntry entry = Objects.requireNonNull(change.after());
        Item parent = at(side, path.parent());
        Item item = added.computeIfAbsent(
                new Key(parent, path.name(), Side.isDirectory(entry)), key -> new Item(null, key.directory()));
        if (item.added(side.isOurs()) == null) {
            item.setAdded(side.isOurs(), new Item.Spot(parent, path.name(), path, entry));
        }
        return item;
    }

    /** What a side added at a place, of what was asked for so far. */
    Item.@Nullable Spot addedAt(boolean ours, Item.Spot place) {
        @Nullable
        Item item = place.parent() == null
                ? null
                : added.get(new Key(place.parent(), place.name(), Side.isDirectory(place.entry())));
        return item == null ? null : item.added(ours);
    }

    Item.@Nullable Spot inBase(Item item) {
        @Nullable TreePath path = item.basePath();
        if (path == null) {
            return null;
        }
        @Nullable Item parent = path.isRoot() ? null : ofBase(path.parent());
        return new Item.Spot(parent, path.isRoot() ? NO_NAME : path.name(), path, entry(base, path));
    }

    Item.@Nullable Spot inOurs(Item item) {
        return in(ours, item);
    }

    Item.@Nullable Spot inTheirs(Item item) {
        return in(theirs, item);
    }

    Item.@Nullable Spot in(Side side, Item item) {
        @Nullable TreePath old = item.basePath();
        if (old == null) {
            return item.added(side.isOurs());
        }
        @Nullable PathChange change = side.ofOld(old);
        if (change != null) {
            @Nullable TreeEntry after = change.after();
            return after == null ? null : spot(side, change.path(), after);
        }
        if (old.isRoot()) {
            return spot(side, old, side.root().directory());
        }
        Item parent = ofBase(old.parent());
        Item.@Nullable Spot above = in(side, parent);
        if (above == null) {
            return null;
        }
        TreePath path = above.path().child(old.name());
        return new Item.Spot(parent, old.name(), path, entry(side.root(), path));
    }

    private Item.Spot spot(Side side, TreePath path, TreeEntry entry) {
        return path.isRoot()
                ? new Item.Spot(null, NO_NAME, path, entry)
                : new Item.Spot(at(side, path.parent()), path.name(), path, entry);
    }

    /** Each path of each tree is looked up once: many are asked for again and again, directories above all. */
    private TreeEntry entry(Root root, TreePath path) {
        Map<TreePath, TreeEntry> known = entries.computeIfAbsent(root, missing -> new HashMap<>());
        @Nullable TreeEntry entry = known.get(path);
        if (entry == null) {
            entry = path.isRoot() ? root.directory() : stored(root, path);
            known.put(path, entry);
        }
        return entry;
    }

    private TreeEntry stored(Root root, TreePath path) {
        TreeEntry above = entry(root, path.parent());
        @Nullable TreeEntry entry = Side.isDirectory(above) ? Trees.find(table, above.content(), path.name()) : null;
        if (entry == null) {
            throw new StoreException(StoreException.Kind.CORRUPT, "A tree and its differences do not fit at " + path);
        }
        return Trees.resolve(table, root, entry);
    }

    /** Where an item is in the result: what was decided, else as in ours. */
    Item.@Nullable Spot inResult(Item item) {
        return item.isDecided() ? item.result() : inOurs(item);
    }

    /** The number of directories above the item in the result. */
    int depth(Item item) {
        int depth = 0;
        for (Item.@Nullable Spot spot = inResult(item); spot != null && spot.parent() != null; depth++) {
            spot = inResult(spot.parent().canonical());
        }
        return depth;
    }

    /** Where the item shows in the result, or null if it is not in it. */
    @Nullable
    TreePath resultPath(Item item) {
        if (item.isRoot()) {
            return TreePath.ROOT;
        }
        Item.@Nullable Spot spot = inResult(item);
        if (spot == null || spot.parent() == null) {
            return null;
        }
        @Nullable TreePath above = resultPath(spot.parent().canonical());
        return above == null ? null : above.child(spot.name());
    }
}

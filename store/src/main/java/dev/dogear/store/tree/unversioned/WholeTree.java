package dev.dogear.store.tree.unversioned;

import static dev.dogear.store.tree.unversioned.Placing.isDirectory;
import static dev.dogear.store.tree.unversioned.Placing.isSame;
import static dev.dogear.store.tree.unversioned.Placing.tree;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole tree that shows another versioned tree and keeps what is not versioned: that stays where it is, goes with a
 * directory that is moved, and keeps a directory alive that would be removed. What is in the way of a versioned file is never
 * overwritten: then there is no answer.
 */
public final class WholeTree {
    private final ObjectTable table;
    private final Root versioned;
    private final Root target;
    private final Unversioned kept;

    /** Directories with unversioned content that are at another place in the target, by file id. */
    private final Map<Integer, Pair> moved = new HashMap<>();

    /** A directory of the whole tree and its versioned part. */
    private record Pair(TreeEntry whole, TreeEntry versioned) {}

    private WholeTree(ObjectTable table, Root whole, Root versioned, Root target, IntSupplier fileIds) {
        this.table = table;
        this.versioned = versioned;
        this.target = target;
        this.kept = new Unversioned(table, whole, versioned, fileIds);
    }

    /**
     * @param whole what is shown, {@code versioned} its versioned part
     * @param target the versioned part to be shown
     * @param fileIds gives ids nobody has
     * @throws StoreException STALE if something unversioned is in the way
     */
    public static Root of(ObjectTable table, Root whole, Root versioned, Root target, IntSupplier fileIds) {
        return whole.equals(versioned) || versioned.equals(target)
                ? (whole.equals(versioned) ? target : whole)
                : new WholeTree(table, whole, versioned, target, fileIds).run();
    }

    private Root run() {
        Set<Integer> come = collect();
        if (kept.makeWayFor(come)) {
            moved.clear();
            come = collect();
        }
        moved.keySet().retainAll(come);
        kept.requireLinksApart(target, !moved.isEmpty());
        ContentRef tree = directory(
                tree(kept.root().directory()), tree(versioned.directory()), tree(target.directory()), TreePath.ROOT);
        return new Root(Trees.withTree(table, target.directory(), tree), links(), target.conflicts());
    }

    private Set<Integer> collect() {
        Set<Integer> come = new HashSet<>();
        collect(tree(kept.root().directory()), tree(versioned.directory()), tree(target.directory()), come);
        return come;
    }

    /** What leaves with unversioned content in it, and the ids of all that comes. */
    private void collect(
            @Nullable ContentRef whole, @Nullable ContentRef part, @Nullable ContentRef next, Set<Integer> come) {
        TreeDiff.entries(table, part, next, (name, old, entry) -> {
            TreeEntry shown = Trees.find(table, whole, name);
            if (isSame(old, entry)) {
                collect(tree(shown), tree(old), tree(entry), come);
                return true;
            }
            if (old != null && shown != null && isDirectory(old) && isDirectory(shown)) {
                collectLeft(shown, old);
            }
            if (entry != null && (old == null || old.fileId() != entry.fileId())) {
                come.add(entry.fileId());
            }
            if (isDirectory(entry)) {
                collect(null, null, tree(entry), come);
            }
            return true;
        });
    }

    private void collectLeft(TreeEntry whole, TreeEntry part) {
        if (part.fileId() != whole.fileId() || Objects.equals(part.content(), whole.content())) {
            return;
        }
        moved.put(part.fileId(), new Pair(whole, part));
        TreeDiff.entries(table, part.content(), whole.content(), (name, old, entry) -> {
            if (old != null && entry != null && isDirectory(old) && isDirectory(entry)) {
                collectLeft(entry, old);
            }
            return true;
        });
    }

    private @Nullable ContentRef directory(
            @Nullable ContentRef whole, @Nullable ContentRef part, @Nullable ContentRef next, TreePath path) {
        SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
        TreeDiff.entries(table, part, next, (name, old, entry) -> {
            TreeEntry shown = Trees.find(table, whole, name);
            edits.put(name, place(shown, old, entry, path.child(name)));
            return true;
        });
        return edits.isEmpty() ? whole : Trees.edit(table, whole, edits);
    }

    private Optional<TreeEntry> place(
            @Nullable TreeEntry shown, @Nullable TreeEntry old, @Nullable TreeEntry entry, TreePath at) {
        if (old != null && isSame(old, entry) && entry != null) {
            return Optional.of(Trees.withTree(table, entry, directory(tree(shown), tree(old), tree(entry), at)));
        }
        Optional<TreeEntry> rest = old == null ? Optional.ofNullable(shown) : remainder(shown, old);
        if (entry == null) {
            return rest;
        }
        Pair from = isDirectory(entry) ? moved.get(entry.fileId()) : null;
        if (rest.isPresent() && (from != null || !isDirectory(entry) || !isDirectory(rest.get()))) {
            throw new StoreException(
                    Kind.STALE, "What is not versioned is in the way: move or remove " + at + " and try again");
        }
        if (!isDirectory(entry)) {
            return Optional.of(entry);
        }
        ContentRef tree = from != null
                ? directory(tree(from.whole), tree(from.versioned), tree(entry), at)
                : directory(rest.isPresent() ? tree(rest.get()) : null, null, tree(entry), at);
        return Optional.of(Trees.withTree(table, entry, tree));
    }

    /** What is left of a file when its versioned part goes. */
    private Optional<TreeEntry> remainder(@Nullable TreeEntry shown, TreeEntry old) {
        if (shown == null || !isDirectory(old) || !isDirectory(shown) || moved.containsKey(old.fileId())) {
            return Optional.empty();
        }
        SortedMap<Name, Optional<TreeEntry>> left = new TreeMap<>();
        TreeDiff.entries(table, old.content(), shown.content(), (name, part, whole) -> {
            Optional<TreeEntry> rest = part == null ? Optional.ofNullable(whole) : remainder(whole, part);
            if (rest.isPresent()) {
                left.put(name, rest);
            }
            return true;
        });
        ContentRef tree = left.isEmpty() ? null : Trees.edit(table, null, left);
        return tree == null ? Optional.empty() : Optional.of(Trees.withTree(table, shown, tree));
    }

    private @Nullable ObjectId links() {
        Map<Integer, Optional<LinkedFile>> edits = new HashMap<>();
        LinkTable.differences(
                table,
                versioned.links(),
                target.links(),
                fileId -> edits.put(fileId, Optional.ofNullable(LinkTable.find(table, target.links(), fileId))));
        return edits.isEmpty()
                ? kept.root().links()
                : LinkTable.edit(table, kept.root().links(), edits);
    }

    /** The unversioned part of a whole tree. */
    private static final class Unversioned {
        private final ObjectTable table;
        private final Root versioned;
        private final IntSupplier fileIds;
        private final Map<TreePath, TreeEntry> clashing = new TreeMap<>();
        private Root whole;

        Unversioned(ObjectTable table, Root whole, Root versioned, IntSupplier fileIds) {
            this.table = table;
            this.whole = whole;
            this.versioned = versioned;
            this.fileIds = fileIds;
        }

        Root root() {
            return whole;
        }

        /**
         * A file that was versioned when the target was made may live on under a name that is not, as an editor's backup: it
         * gets a new id. Looks at all that is not versioned, but only if files come that are not there now.
         *
         * @return whether there was one
         */
        boolean makeWayFor(Set<Integer> come) {
            if (come.isEmpty()) {
                return false;
            }
            find(tree(versioned.directory()), tree(whole.directory()), TreePath.ROOT, come);
            for (Map.Entry<TreePath, TreeEntry> each : clashing.entrySet()) {
                TreeEntry entry = each.getValue();
                if (entry.type() == EntryType.LINKED) {
                    throw new StoreException(
                            Kind.STALE, "What is not versioned is a name of a versioned file: remove " + each.getKey());
                }
                TreeEntry now = Trees.find(table, whole, each.getKey());
                whole = new Root(
                        Placing.set(
                                table,
                                whole.directory(),
                                each.getKey(),
                                (now == null ? entry : now).withFileId(fileIds.getAsInt())),
                        whole.links(),
                        whole.conflicts());
            }
            return !clashing.isEmpty();
        }

        private void find(@Nullable ContentRef part, @Nullable ContentRef shown, TreePath path, Set<Integer> come) {
            TreeDiff.entries(table, part, shown, (name, old, entry) -> {
                if (entry == null) {
                    return true;
                }
                TreePath at = path.child(name);
                boolean both = isSame(old, entry);
                if (!both && old == null && come.contains(entry.fileId())) {
                    clashing.put(at, entry);
                }
                if (isDirectory(entry)) {
                    find(both ? tree(old) : null, tree(entry), at, come);
                }
                return true;
            });
        }

        /**
         * A file some of whose names are versioned stays as it is, and one with names that are not is in no directory that moves.
         *
         * @param moves whether directories with unversioned content move
         */
        void requireLinksApart(Root target, boolean moves) {
            LinkTable.differences(table, versioned.links(), whole.links(), fileId -> {
                LinkedFile file = LinkTable.find(table, whole.links(), fileId);
                if (file == null) {
                    return;
                }
                boolean changes = !Objects.equals(
                                LinkTable.find(table, versioned.links(), fileId),
                                LinkTable.find(table, target.links(), fileId))
                        || file.paths().stream()
                                .anyMatch(path -> !Objects.equals(
                                        Trees.find(table, versioned, path), Trees.find(table, target, path)));
                if (changes || moves) {
                    throw new StoreException(
                            Kind.STALE,
                            "What is not versioned has names in common with what is, or is in a directory that moves: remove "
                                    + file.paths().first() + " first");
                }
            });
        }
    }
}

package dev.dogear.store.tree.unversioned;

import static dev.dogear.store.tree.unversioned.Placing.isDirectory;
import static dev.dogear.store.tree.unversioned.Placing.isSame;
import static dev.dogear.store.tree.unversioned.Placing.tree;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The versioned part of a whole tree, from the versioned part of the whole tree it is an edit of. A path that a rule names is
 * left out, unless it was versioned before: it is until it is removed. A directory that is left out is not looked into. Where a
 * directory's own rules were edited, all in it that is not versioned is looked at anew.
 */
public final class VersionedTree {
    private final ObjectTable table;
    private final Root before;
    private final Root versioned;
    private final Root after;
    private final IgnoreRules rules;

    /** Directories that left their names: where they may have come to is compared with what they were. */
    private final Map<Integer, Pair> left = new HashMap<>();

    /** Directories that are where they were not: such, or new ones. */
    private final List<TreeEntry> arrived = new ArrayList<>();

    /** Whether a directory that changed where it was has rules. */
    private boolean ruled;

    /** Files of several names of which one came or went. */
    private final Set<Integer> linked = new HashSet<>();

    /** A directory in the whole tree and its versioned part. */
    private record Pair(TreeEntry whole, @Nullable TreeEntry versioned) {}

    private VersionedTree(ObjectTable table, Root before, Root versioned, Root after, IgnoreRules rules) {
        this.table = table;
        this.before = before;
        this.versioned = versioned;
        this.after = after;
        this.rules = rules;
    }

    /**
     * @param before a whole tree, {@code versioned} its versioned part by the same rules; with other rules give the versioned
     *     part for both, then all that is not in it is looked at anew
     * @param rules the repository's own; those of directories are in the tree
     */
    public static Root of(ObjectTable table, Root before, Root versioned, Root after, IgnoreRules rules) {
        boolean sameRules = sameRules(
                IgnoreRules.file(table, before, tree(before.directory())),
                IgnoreRules.file(table, after, tree(after.directory())));
        VersionedTree tree = new VersionedTree(table, sameRules ? before : versioned, versioned, after, rules);
        tree.look(tree(tree.before.directory()), tree(versioned.directory()), tree(after.directory()));
        if (before.equals(versioned) && rules.isEmpty() && !tree.hasRules()) {
            return after;
        }
        return tree.run();
    }

    /** Of two files of rules. */
    private static boolean sameRules(@Nullable TreeEntry old, @Nullable TreeEntry now) {
        if (old == null || now == null) {
            return old == null && now == null;
        }
        return old.sameContent(now);
    }

    /** Whether a directory that changed, or one above it, has rules: with none, and nothing left out, there is nothing to do. */
    private boolean hasRules() {
        return ruled
                || arrived.stream().anyMatch(entry -> {
                    Pair from = left.get(entry.fileId());
                    return hasRules(from == null ? null : tree(from.whole), tree(entry));
                });
    }

    private boolean hasRules(@Nullable ContentRef old, @Nullable ContentRef now) {
        if (IgnoreRules.file(table, after, now) != null) {
            return true;
        }
        boolean[] found = {false};
        TreeDiff.entries(table, old, now, (name, before, entry) -> {
            if (entry != null && isDirectory(entry)) {
                Pair from = left.get(entry.fileId());
                TreeEntry was = isSame(before, entry) ? before : from == null ? null : from.whole;
                found[0] = hasRules(tree(was), tree(entry));
            }
            return !found[0];
        });
        return found[0];
    }

    private Root run() {
        ContentRef tree = directory(
                tree(before.directory()), tree(versioned.directory()), tree(after.directory()), TreePath.ROOT, rules);
        return links(Trees.withTree(table, after.directory(), tree));
    }

    /** Goes once through what changed. */
    private void look(@Nullable ContentRef whole, @Nullable ContentRef part, @Nullable ContentRef now) {
        ruled |= IgnoreRules.file(table, after, now) != null;
        TreeDiff.entries(table, whole, now, (name, old, entry) -> {
            if (isSame(old, entry)) {
                look(tree(old), tree(Trees.find(table, part, name)), tree(entry));
                return true;
            }
            if (old != null && isDirectory(old)) {
                TreeEntry known = Trees.find(table, part, name);
                left.put(old.fileId(), new Pair(old, isDirectory(known) ? known : null));
            }
            if (entry != null && isDirectory(entry)) {
                arrived.add(entry);
            }
            return true;
        });
    }

    /** @param above the rules the directory is in; null in one that is left out, where only what was versioned is */
    private @Nullable ContentRef directory(
            @Nullable ContentRef old,
            @Nullable ContentRef part,
            @Nullable ContentRef now,
            TreePath path,
            @Nullable IgnoreRules above) {
        TreeEntry file = IgnoreRules.file(table, after, now);
        IgnoreRules here = above == null ? null : above.with(table, file, path);
        ContentRef whole = sameRules(IgnoreRules.file(table, before, old), file) ? old : part;
        SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
        TreeDiff.entries(table, whole, now, (name, was, entry) -> {
            TreeEntry known = Trees.find(table, part, name);
            TreePath at = path.child(name);
            noteLinked(known);
            noteLinked(entry);
            Optional<TreeEntry> kept = Optional.empty();
            if (entry != null && isDirectory(entry)) {
                kept = directory(was, entry, known, at, here);
            } else if (entry != null && (known != null || (here != null && !here.matches(at, false)))) {
                kept = Optional.of(entry);
            }
            if (known != null || kept.isPresent()) {
                edits.put(name, kept);
            }
            return true;
        });
        return edits.isEmpty() ? part : Trees.edit(table, part, edits);
    }

    private void noteLinked(@Nullable TreeEntry entry) {
        if (entry != null && entry.type() == EntryType.LINKED) {
            linked.add(entry.fileId());
        }
    }

    private Optional<TreeEntry> directory(
            @Nullable TreeEntry old,
            TreeEntry entry,
            @Nullable TreeEntry known,
            TreePath at,
            @Nullable IgnoreRules above) {
        IgnoreRules inside = above == null || above.matches(at, true) ? null : above;
        Pair from = isSame(old, entry) ? new Pair(entry, isDirectory(known) ? known : null) : left.get(entry.fileId());
        TreeEntry part = from == null ? null : from.versioned;
        if (inside == null && (part == null || !isDirectory(known))) {
            return Optional.empty();
        }
        TreeEntry whole = isSame(old, entry) ? old : from == null ? null : from.whole;
        ContentRef tree = part == null
                ? directory(null, null, tree(entry), at, inside)
                : directory(tree(whole), tree(part), tree(entry), at, inside);
        // One that was left with nothing versioned in it is there for what is not.
        boolean leftOver = part == null && from != null;
        boolean empty = tree == null && (inside == null || leftOver);
        return empty ? Optional.empty() : Optional.of(Trees.withTree(table, entry, tree));
    }

    /** A file of several names has those in the versioned part that are in it; with one it is a plain entry there. */
    private Root links(TreeEntry made) {
        if (versioned.links() == null && after.links() == null) {
            return new Root(made, null, after.conflicts());
        }
        LinkTable.differences(table, before.links(), after.links(), linked::add);
        TreeEntry directory = made;
        Map<Integer, Optional<LinkedFile>> edits = new HashMap<>();
        for (int fileId : linked) {
            LinkedFile file = LinkTable.find(table, after.links(), fileId);
            ImmutableSortedSet.Builder<TreePath> names = ImmutableSortedSet.naturalOrder();
            if (file != null) {
                for (TreePath path : file.paths()) {
                    TreeEntry there = Trees.find(table, new Root(directory, null, null), path);
                    if (there != null && there.fileId() == fileId) {
                        names.add(path);
                    }
                }
            }
            ImmutableSortedSet<TreePath> kept = names.build();
            edits.put(
                    fileId,
                    file != null && kept.size() > 1
                            ? Optional.of(new LinkedFile(file.entry(), kept))
                            : Optional.empty());
            for (TreePath path : kept) {
                TreeEntry entry = file == null || kept.size() > 1 ? TreeEntry.linked(fileId) : file.entry();
                if (!entry.equals(Trees.find(table, new Root(directory, null, null), path))) {
                    directory = Placing.set(table, directory, path, entry);
                }
            }
        }
        edits.entrySet()
                .removeIf(edit ->
                        edit.getValue().isEmpty() && LinkTable.find(table, versioned.links(), edit.getKey()) == null);
        return new Root(
                directory,
                edits.isEmpty() ? versioned.links() : LinkTable.edit(table, versioned.links(), edits),
                after.conflicts());
    }
}

package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.RootDiff;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One side of a merge: its tree and what it changed. A file that became a directory counts as deleted and added. */
final class Side {
    private final Root root;
    private final boolean ours;
    private final Set<Integer> replaced = new HashSet<>();
    private final Map<TreePath, PathChange> byOldPath = new LinkedHashMap<>();
    private final Map<TreePath, PathChange> byPath = new LinkedHashMap<>();

    Side(ObjectTable table, Root base, Root root, boolean ours) {
        this.root = root;
        this.ours = ours;
        // What is where it was, but in another directory than it was, is moved as well.
        for (PathChange change : RootDiff.between(table, base, root, replaced::add, this::add)) {
            TreeEntry before = change.before();
            TreeEntry after = change.after();
            if (before != null && after != null && isDirectory(before) != isDirectory(after)) {
                add(new PathChange(change.path(), change.oldPath(), before, null));
                add(new PathChange(change.path(), null, null, after));
            } else {
                add(change);
            }
        }
    }

    private void add(PathChange change) {
        if (change.before() != null) {
            byOldPath.put(Objects.requireNonNull(change.oldPath()), change);
        }
        if (change.after() != null) {
            byPath.put(change.path(), change);
        }
    }

    static boolean isDirectory(TreeEntry entry) {
        return entry.type() == EntryType.DIRECTORY;
    }

    Root root() {
        return root;
    }

    boolean isOurs() {
        return ours;
    }

    boolean isUnchanged() {
        return byOldPath.isEmpty() && byPath.isEmpty();
    }

    /** What became of something of the base, or null if nothing did (or only of a directory above it). */
    @Nullable
    PathChange ofOld(TreePath path) {
        return byOldPath.get(path);
    }

    /** How what is at this path came there, or null if it was there before (or came with a directory above it). */
    @Nullable
    PathChange at(TreePath path) {
        return byPath.get(path);
    }

    /** File ids of the base whose paths have another file in this side: they may be elsewhere in it. */
    Set<Integer> replacedFileIds() {
        return replaced;
    }

    Collection<PathChange> changesOfOld() {
        return byOldPath.values();
    }

    Collection<PathChange> changesAt() {
        return byPath.values();
    }
}

package dev.dogear.store.tree.conflict;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How two roots differ, their conflicts included: {@link TreeDiff}, and a MODIFIED change for each path that has the same
 * state in both but is conflicted otherwise, as when a conflict was resolved by what showed already.
 */
public final class RootDiff {
    private RootDiff() {}

    /** The paths that differ, in path order. */
    public static List<PathChange> between(ObjectTable table, Root before, Root after) {
        return between(table, before, after, fileId -> {});
    }

    /** The same; {@code replaced} as in {@link TreeDiff}. */
    public static List<PathChange> between(ObjectTable table, Root before, Root after, IntConsumer replaced) {
        return between(table, before, after, replaced, change -> {});
    }

    /** The same; {@code replaced} and {@code stayed} as in {@link TreeDiff}. */
    public static List<PathChange> between(
            ObjectTable table, Root before, Root after, IntConsumer replaced, Consumer<PathChange> stayed) {
        List<PathChange> changes = TreeDiff.between(table, before, after, replaced, stayed);
        if (Objects.equals(before.conflicts(), after.conflicts())) {
            return changes;
        }
        Set<TreePath> known = new HashSet<>();
        changes.forEach(change -> known.add(change.path()));
        List<PathChange> all = new ArrayList<>(changes);
        for (TreePath path : differing(table, before, after)) {
            @Nullable TreeEntry old = Trees.find(table, before, path);
            @Nullable TreeEntry now = Trees.find(table, after, path);
            if (old != null && now != null && !known.contains(path)) {
                all.add(new PathChange(
                        path, path, Trees.resolve(table, before, old), Trees.resolve(table, after, now)));
            }
        }
        all.sort(Comparator.comparing(PathChange::path));
        return all;
    }

    /** The paths whose conflicts are not the same. */
    static Set<TreePath> differing(ObjectTable table, Root before, Root after) {
        SortedMap<TreePath, Conflict> left = ConflictList.of(table, before);
        SortedMap<TreePath, Conflict> right = ConflictList.of(table, after);
        Set<TreePath> paths = new TreeSet<>(left.keySet());
        paths.addAll(right.keySet());
        paths.removeIf(path -> Objects.equals(left.get(path), right.get(path)));
        return paths;
    }
}

package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import java.util.Set;
import java.util.SortedMap;

/** Three-way merge of trees, at the cost of what both sides changed. */
public final class TreeMerge {
    private TreeMerge() {}

    /**
     * Merges into {@code ours} what {@code theirs} made of {@code base}. The result depends on the arguments alone. What
     * theirs did not change is as in ours, to the file id and the nanosecond. What has no single answer is in the root's
     * list of conflicts; conflicts the roots had are merged as such, and go where their terms cancel.
     */
    public static MergedTree merge(ObjectTable table, Root base, Root ours, Root theirs, MergeOptions options) {
        Side right = new Side(table, base, theirs, false);
        if (right.isUnchanged() || ours.equals(theirs)) {
            return new MergedTree(ours, ImmutableList.of());
        }
        Side left = new Side(table, base, ours, true);
        Items items = new Items(table, base, left, right);
        Conflicts conflicts = new Conflicts(items);
        Decisions decisions = new Decisions(table, items, options, conflicts);
        Set<Item> touched = decisions.decide(items.touchedBy(left), items.touchedBy(right));
        new Placement(table, items, options, conflicts).place(touched);
        LinkMerge links = new LinkMerge(table, items, options);
        links.merge(left, right, touched);
        Root root = new ResultTree(table, items, options, links).build(ours, touched);
        SortedMap<TreePath, Conflict> all = conflicts.all(touched);
        return new MergedTree(ConflictList.with(table, root, all.values()), conflicts.fresh(all));
    }
}

package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;

/** TEMPORARY until wip/tree lands. */
public final class TreeMerge {
    private TreeMerge() {}

    public static MergedTree merge(ObjectTable table, Root base, Root ours, Root theirs, MergeOptions options) {
        throw new UnsupportedOperationException();
    }
}

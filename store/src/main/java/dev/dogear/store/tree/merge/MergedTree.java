package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.conflict.Conflict;

/**
 * What a merge gives.
 *
 * @param root the merged tree, its conflicts stored with it; there it has text with markers, or ours, or what survived
 * @param conflicts those that ours did not have before, in path order
 */
public record MergedTree(Root root, ImmutableList<Conflict> conflicts) {
    /** Whether there is one answer for every path that ours had one for. */
    public boolean isClean() {
        return conflicts.isEmpty();
    }
}

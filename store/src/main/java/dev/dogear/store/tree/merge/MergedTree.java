package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.tree.Root;

/**
 * What a merge gives.
 *
 * @param root the merged tree; where there is a conflict it has ours, or what survived
 * @param conflicts in path order
 */
public record MergedTree(Root root, ImmutableList<Conflict> conflicts) {
    /** Whether there is one answer for every path. */
    public boolean isClean() {
        return conflicts.isEmpty();
    }
}

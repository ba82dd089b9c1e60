package dev.dogear.store.tree;

import org.jspecify.annotations.Nullable;

/**
 * How one path differs between two trees. Directories appear only when they were added, deleted, became something else,
 * or their own attributes (not times) differ; LINKED entries are resolved to the real entry.
 *
 * @param path where it is in the new tree; in the old one if it was deleted
 * @param oldPath where it was in the old tree, if it was there: differs from {@code path} for a rename
 * @param before the entry in the old tree; null if added
 * @param after the entry in the new tree; null if deleted
 */
public record PathChange(
        TreePath path,
        @Nullable TreePath oldPath,
        @Nullable TreeEntry before,
        @Nullable TreeEntry after) {
    /** What happened, in the words of the control API. */
    public enum Status {
        /** Only in the new tree. */
        ADDED,
        /** At the same path in both, not equal. */
        MODIFIED,
        /** Only in the old tree. */
        DELETED,
        /** In both under another path, perhaps edited besides. */
        RENAMED
    }

    /** What happened to the path. */
    public Status status() {
        if (before == null) {
            return Status.ADDED;
        }
        if (after == null) {
            return Status.DELETED;
        }
        return path.equals(oldPath) ? Status.MODIFIED : Status.RENAMED;
    }
}

package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;

/** A merge was refused because some paths have no single answer; nothing was stored or moved. */
public final class MergeConflictException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ImmutableList<Merging.Conflicted> paths;

    public MergeConflictException(ImmutableList<Merging.Conflicted> paths) {
        super("The merge has conflicts in " + paths.size() + " paths.");
        this.paths = paths;
    }

    /** The paths, in order. */
    public ImmutableList<Merging.Conflicted> paths() {
        return paths;
    }
}

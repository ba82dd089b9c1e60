package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.Timestamp;
import java.util.function.IntSupplier;

/**
 * What a merge needs besides the trees.
 *
 * @param time stamped on what the merge changes in ours
 * @param oursName shown in markers and in the names of files moved aside, as is {@code theirsName}
 * @param fileIds gives a file id no file of the repository ever had
 * @param ofBases the result is the base of another merge: where there is no answer it is such that any answer is an edit
 */
public record MergeOptions(Timestamp time, String oursName, String theirsName, IntSupplier fileIds, boolean ofBases) {
    /** For a merge that is looked at. */
    public MergeOptions(Timestamp time, String oursName, String theirsName, IntSupplier fileIds) {
        this(time, oursName, theirsName, fileIds, false);
    }

    /** The same for merging merge bases with each other. */
    public MergeOptions mergingBases() {
        return new MergeOptions(time, "one ancestor", "another ancestor", fileIds, true);
    }
}

package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.TreePath;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the verbs of a {@link Repository} are given and answer. */
public final class Verbs {
    private Verbs() {}

    /**
     * A bookmark asked for.
     *
     * @param at where it is to point
     * @param origin the bookmark it is made from; null for a change
     * @param life after which time it is deleted, by an operation that can be undone; null for never
     */
    public record NewBookmark(
            String name,
            ChangeId at,
            @Nullable String origin,
            @Nullable Duration life) {}

    /**
     * A checkpoint asked for.
     *
     * @param message empty for none
     * @param authors empty: the caller
     * @param metadata appended to the message as trailers
     * @param expected fail with STALE unless the bookmark points here
     * @param allowEmpty make a change even if there are no edits
     */
    public record CheckpointRequest(
            String message,
            ImmutableList<Person> authors,
            ImmutableMap<String, String> metadata,
            @Nullable ChangeId expected,
            boolean allowEmpty) {
        /** With that message and nothing else. */
        public static CheckpointRequest of(String message) {
            return new CheckpointRequest(message, ImmutableList.of(), ImmutableMap.of(), null, false);
        }
    }

    /**
     * What a checkpoint did.
     *
     * @param change the new change, or the present one if nothing was edited
     * @param files paths that changed
     * @param bytes written content stored
     * @param unchanged nothing was edited, no change was made
     */
    public record CheckpointResult(Change change, int files, long bytes, boolean unchanged) {}

    /**
     * An undo asked for.
     *
     * @param checkpoints 0: drops the edits, or reverts the last operation if there are none; n: to the state before the
     *     last n checkpoints
     * @param paths empty: the whole bookmark; else only these files and folders go back, as new edits
     * @param dryRun say what would change and change nothing
     */
    public record UndoRequest(int checkpoints, ImmutableList<TreePath> paths, boolean dryRun) {
        /** Of the whole bookmark. */
        public static UndoRequest of(int checkpoints) {
            return new UndoRequest(checkpoints, ImmutableList.of(), false);
        }
    }

    /**
     * What an undo or redo did, or would do.
     *
     * @param operation the operation it added; of number 0 if this was a dry run
     * @param from where the bookmark pointed
     * @param to where it points
     * @param saved the change that keeps the edits there were, null if none
     * @param paths what is different now, in path order
     */
    public record UndoResult(
            Operation operation,
            ChangeId from,
            ChangeId to,
            @Nullable ChangeId saved,
            List<PathChange> paths) {}

    /**
     * What the undo of an operation did, or would do.
     *
     * @param operation the operation it added; of number 0 if this was a dry run
     * @param bookmarks what it did to each bookmark that changed
     */
    public record RevertResult(Operation operation, ImmutableList<BookmarkDifference> bookmarks) {}

    /**
     * What is different at one bookmark.
     *
     * @param from where it pointed; null if it came back
     * @param to where it points; null if it is gone
     * @param newChange {@code to} is a change made for this, out of what followed; a dry run makes none of that id
     * @param paths what its directory shows differently, in path order; empty if it came or went as a whole
     */
    public record BookmarkDifference(
            String bookmark,
            @Nullable ChangeId from,
            @Nullable ChangeId to,
            boolean newChange,
            List<PathChange> paths) {}

    /**
     * A merge asked for.
     *
     * @param target the bookmark that gets the result
     * @param source the bookmark merged into it
     * @param deleteSource delete the source after success
     * @param message null: a generated one; empty: none
     * @param how what else it does
     */
    public record MergeRequest(
            String target,
            String source,
            boolean deleteSource,
            @Nullable String message,
            @Nullable ChangeId expectedTarget,
            @Nullable ChangeId expectedSource,
            Merging.How how) {
        /** Of everything, refused if anything conflicts. */
        public MergeRequest(
                String target,
                String source,
                boolean deleteSource,
                @Nullable String message,
                @Nullable ChangeId expectedTarget,
                @Nullable ChangeId expectedSource) {
            this(target, source, deleteSource, message, expectedTarget, expectedSource, Merging.How.PLAIN);
        }
    }

    /**
     * What a merge did.
     *
     * @param change where the target points now
     * @param noOp nothing was to merge
     * @param sourceDeleted the source bookmark is gone
     */
    public record MergeResult(Change change, boolean noOp, boolean sourceDeleted) {}

    /**
     * What a merge would do.
     *
     * @param noOp nothing is to merge
     * @param paths what would be different in the target, in path order
     * @param conflicts what would be stored as conflicts; empty unless that was allowed
     */
    public record MergePreview(boolean noOp, List<PathChange> paths, ImmutableList<Merging.Conflicted> conflicts) {}
}

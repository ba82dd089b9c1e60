package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.TreePath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the verbs of a {@link Repository} are given and answer. */
public final class Verbs {
    private Verbs() {}

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
     * What an undo or redo did.
     *
     * @param operation the operation it added
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
     * A merge asked for.
     *
     * @param target the bookmark that gets the result
     * @param source the bookmark merged into it
     * @param deleteSource delete the source after success
     * @param message null: a generated one; empty: none
     */
    public record MergeRequest(
            String target,
            String source,
            boolean deleteSource,
            @Nullable String message,
            @Nullable ChangeId expectedTarget,
            @Nullable ChangeId expectedSource) {}

    /**
     * What a merge did.
     *
     * @param change where the target points now
     * @param noOp nothing was to merge
     * @param sourceDeleted the source bookmark is gone
     */
    public record MergeResult(Change change, boolean noOp, boolean sourceDeleted) {}

    /**
     * One path of a refused merge.
     *
     * @param path where
     * @param kind such as content, add/add, modify/delete
     */
    public record ConflictPath(TreePath path, String kind) {}
}

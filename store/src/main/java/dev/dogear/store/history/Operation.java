package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a repository's operation log.
 *
 * @param number 1, 2, 3… in the repository
 * @param kind what was done
 * @param by who did it: a user or key name
 * @param at when
 * @param moves what it moved
 * @param reverts the operation this one undoes or does again, 0 for none
 */
public record Operation(long number, Kind kind, String by, Instant at, ImmutableList<Move> moves, long reverts) {
    /** What an operation did. The code is stored: never renumber. */
    public enum Kind {
        /** A repository began. */
        CREATE,
        /** Edits became a change. */
        CHECKPOINT,
        /** Edits were stored aside before another operation. */
        SAVE,
        /** Back to a state before. */
        UNDO,
        /** Forward again. */
        REDO,
        /** Two bookmarks' changes were joined. */
        MERGE,
        /** A bookmark was pointed elsewhere. */
        MOVE,
        /** A bookmark was made. */
        CREATE_BOOKMARK,
        /** A bookmark was deleted. */
        DELETE_BOOKMARK,
        /** A tree from outside became a change. */
        IMPORT
    }

    /**
     * How one bookmark moved.
     *
     * @param from null if it was created
     * @param to null if it was deleted
     */
    public record Move(
            String bookmark,
            @Nullable ChangeId from,
            @Nullable ChangeId to) {}
}

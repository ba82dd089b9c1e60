package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a repository's operation log.
 *
 * @param number 1, 2, 3… in the repository; 0 for one that a dry run did not do
 * @param kind what was done
 * @param by who did it: a user or key name
 * @param at when
 * @param moves what it moved
 * @param reverts the operation this one undoes or does again, 0 for none
 * @param saved the change that keeps the edits which the operation took from view, null if there were none
 * @param proposal the number of the proposal it is about, 0 for none
 */
public record Operation(
        long number,
        Kind kind,
        String by,
        Instant at,
        ImmutableList<Move> moves,
        long reverts,
        @Nullable ChangeId saved,
        long proposal) {
    /** What an operation did. The code is stored: never renumber. */
    public enum Kind {
        /** A repository began. */
        CREATE(1),
        /** Edits became a change. */
        CHECKPOINT(2),
        /** Back to a state before. */
        UNDO(3),
        /** Forward again. */
        REDO(4),
        /** Two bookmarks' changes were joined. */
        MERGE(5),
        /** A bookmark was pointed elsewhere. */
        MOVE(6),
        /** A bookmark was made. */
        CREATE_BOOKMARK(7),
        /** A bookmark was deleted. */
        DELETE_BOOKMARK(8),
        /** A tree from outside became a change. */
        IMPORT(9),
        /** A change got other content, and what follows it with it. */
        AMEND(10),
        /** A conflict got its answer. */
        RESOLVE(16),
        /** A bookmark was put up for being merged. */
        PROPOSE(20),
        /** Somebody accepted a proposal. */
        APPROVE(21),
        /** Somebody refused a proposal. */
        REJECT(22);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The byte that stands for this kind on disk. */
        public int code() {
            return code;
        }

        /** Whether it only says something of bookmarks, which stay as they are: nothing of it can be undone. */
        public boolean movesNothing() {
            return this == PROPOSE || this == APPROVE || this == REJECT;
        }

        /** The kind that has that code. */
        public static Kind ofCode(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no operation has code " + code);
        }
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

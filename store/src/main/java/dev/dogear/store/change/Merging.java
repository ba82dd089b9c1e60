package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictHunks;
import dev.dogear.store.tree.conflict.Resolution;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** How a merge is made, and what is said of conflicts. */
public final class Merging {
    /** More conflicted paths than these are listed without their hunks. */
    private static final int HUNK_PATHS_MAX = 200;

    private Merging() {}

    /**
     * What a merge does besides joining two bookmarks.
     *
     * @param allowConflicted store what has no single answer as conflicts instead of refusing
     * @param squash the result has the target's change as its only parent
     * @param paths only these files and folders are merged, with one parent; empty: everything
     * @param answers for conflicts, one a path
     */
    public record How(
            boolean allowConflicted, boolean squash, ImmutableList<TreePath> paths, ImmutableList<Answer> answers) {
        /** Of everything, refused if anything conflicts. */
        public static final How PLAIN = new How(false, false, ImmutableList.of(), ImmutableList.of());

        /** Whether the result does not count as a merge in the history. */
        public boolean isOneParent() {
            return squash || !paths.isEmpty();
        }
    }

    /**
     * The answer for one conflicted path: a state, or bytes, or bytes for each of its hunks, or what shows there.
     *
     * @param take null unless a state is taken
     * @param content null unless these bytes are the whole answer
     * @param hunks by their ids; empty unless the answer is given hunk by hunk
     */
    public record Answer(
            TreePath path,
            Resolution.@Nullable Take take,
            byte @Nullable [] content,
            ImmutableMap<String, HunkAnswer> hunks) {}

    /** The answer for one hunk: one side's lines, or bytes. */
    public record HunkAnswer(Resolution.@Nullable Take take, byte @Nullable [] content) {}

    /**
     * A conflicted path as it is told.
     *
     * @param hunks the places in its text; empty if it is not of text, or if there are very many paths
     */
    public record Conflicted(Conflict conflict, ImmutableList<ConflictHunks.Hunk> hunks) {}

    /** Conflicts with their hunks. */
    public static ImmutableList<Conflicted> told(ObjectTable table, Collection<Conflict> conflicts) {
        ImmutableList.Builder<Conflicted> told = ImmutableList.builder();
        boolean all = conflicts.size() <= HUNK_PATHS_MAX;
        for (Conflict conflict : conflicts) {
            told.add(new Conflicted(
                    conflict, all ? ConflictHunks.of(table, conflict).list() : ImmutableList.of()));
        }
        return told.build();
    }

    /**
     * What would conflict if two bookmarks were merged as they are now, edits included.
     *
     * @param bookmark the other one
     * @param conflicts in path order
     */
    public record Overlap(String bookmark, ImmutableList<Conflict> conflicts) {}
}

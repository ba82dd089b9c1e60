package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.tree.TreePath;
import org.jspecify.annotations.Nullable;

/** What is given to make a change without a workspace, and to amend one. */
public final class Authoring {
    private Authoring() {}

    /**
     * One file sent whole, or its deletion. The array is shared: never write to it.
     *
     * @param content null: the file or directory at the path is deleted
     * @param executable null: as the file was, not executable if it is new
     */
    public record FileWrite(
            TreePath path,
            byte @Nullable [] content,
            @Nullable Boolean executable) {
        /** That text at that path. */
        public static FileWrite of(TreePath path, byte[] content) {
            return new FileWrite(path, content, null);
        }

        /** Nothing at that path. */
        public static FileWrite deletion(TreePath path) {
            return new FileWrite(path, null, null);
        }
    }

    /**
     * A change to be made; no bookmark moves.
     *
     * @param base what it follows, the virtual root too
     * @param authors empty: the caller
     * @param committer null: the caller
     * @param metadata appended to the message as trailers
     */
    public record NewChange(
            ChangeId base,
            String message,
            ImmutableList<Person> authors,
            @Nullable Person committer,
            ImmutableMap<String, String> metadata,
            ImmutableList<FileWrite> files) {}

    /**
     * What is to be different in a change. Null, or empty, leaves a part as it is.
     *
     * @param change which
     * @param absorbed a bookmark that points at it and whose edits go into it
     * @param expectedCommit fail with STALE unless this is its commit id
     * @param message the whole message, trailers included
     * @param metadata trailers to set; an empty value removes one
     * @param answers for conflicted paths of the change, one a path
     */
    public record Amendment(
            ChangeId change,
            @Nullable String absorbed,
            @Nullable String expectedCommit,
            @Nullable String message,
            People people,
            ImmutableMap<String, String> metadata,
            ImmutableList<FileWrite> files,
            ImmutableList<Merging.Answer> answers) {
        /** Another message and nothing else. */
        public static Amendment message(ChangeId change, String message) {
            return new Amendment(
                    change,
                    null,
                    null,
                    message,
                    People.SAME,
                    ImmutableMap.of(),
                    ImmutableList.of(),
                    ImmutableList.of());
        }

        /** Other files and nothing else. */
        public static Amendment files(ChangeId change, FileWrite... files) {
            return new Amendment(
                    change,
                    null,
                    null,
                    null,
                    People.SAME,
                    ImmutableMap.of(),
                    ImmutableList.copyOf(files),
                    ImmutableList.of());
        }

        /** The edits of a bookmark and nothing else. */
        public static Amendment absorbing(ChangeId change, String bookmark) {
            return new Amendment(
                    change,
                    bookmark,
                    null,
                    null,
                    People.SAME,
                    ImmutableMap.of(),
                    ImmutableList.of(),
                    ImmutableList.of());
        }
    }

    /**
     * Who is to be named by an amended change.
     *
     * @param authors empty: as they were
     * @param committer null: who amends
     */
    public record People(
            ImmutableList<Person> authors, @Nullable Person committer) {
        /** Nobody else. */
        public static final People SAME = new People(ImmutableList.of(), null);
    }
}

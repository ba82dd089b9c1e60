package dev.dogear.store.workspace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who shows workspaces to programs and may hold newer or older state of them than we do: a mount. All calls come with
 * no lock held and return when done.
 */
public interface Viewer {
    /** Hands over every write a program's system call was answered for and the viewer still holds, of files open for writing. */
    void push(Workspace workspace);

    /** Forgets what it remembers of those nodes and names, so that every program sees the new state once this returns. */
    void forget(Workspace workspace, List<Stale> stale);

    /** The bookmark is gone: its directory is no longer found; open files stay readable. */
    void removed(Workspace workspace);

    /**
     * A repository (no bookmark given) or a bookmark of it came or went: what was remembered of those names, that they
     * exist or that they do not, no longer holds. A viewer that shows no names has nothing to do.
     */
    default void namesChanged(String repository, @Nullable String bookmark) {}

    /**
     * Something that is no longer as it was shown.
     */
    sealed interface Stale {
        /** A name that now means another file, or none, or one where none was. */
        record Entry(DirectoryNode directory, dev.dogear.store.tree.Name name) implements Stale {}

        /** A node whose attributes changed, and its content if {@code content}; {@code sizeChanged} if its size differs from before. */
        record Inode(Node node, boolean content, boolean sizeChanged) implements Stale {}
    }
}

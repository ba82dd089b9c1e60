package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A path for which a merge has no single answer.
 *
 * @param path where it shows in the merged tree, or would
 * @param kind why
 * @param base what both sides began with; null if nothing
 * @param ours what our side made of it; null if deleted
 * @param theirs what their side made of it; null if deleted
 */
public record Conflict(
        TreePath path,
        Kind kind,
        @Nullable Version base,
        @Nullable Version ours,
        @Nullable Version theirs) {
    /** Why there is no single answer. */
    public enum Kind {
        /** Both edited the same lines. */
        CONTENT,
        /** Both edited what is not text, or too large for it. */
        BINARY,
        /** Both gave a symbolic link or device another target. */
        TARGET,
        /** One made another type of file of what the other edited. */
        TYPE,
        /** Both changed the mode. */
        MODE,
        /** Both changed the owner, the group or the same extended attribute. */
        ATTRIBUTE,
        /** Both put different files at the same place. */
        ADD_ADD,
        /** One edited what the other deleted. */
        MODIFY_DELETE,
        /** One renamed what the other deleted. */
        RENAME_DELETE,
        /** Both renamed it, to different places. */
        RENAME_RENAME,
        /** A file of one side is where the other has a directory. */
        FILE_DIRECTORY;

        /** As people and programs see it: {@code add/add}, {@code modify/delete}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '/');
        }
    }

    /**
     * One side's state.
     *
     * @param path where that side has it
     * @param entry resolved, never LINKED
     */
    public record Version(TreePath path, TreeEntry entry) {}
}

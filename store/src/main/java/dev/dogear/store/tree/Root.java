package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A whole tree: what a change or a settled workspace holds.
 *
 * @param directory the root directory, of type DIRECTORY and file id {@link TreeEntry#ROOT_FILE_ID}
 * @param links the {@link LinkTable} of files with several names; absent when there are none
 * @param conflicts the list of conflicted paths, as a file of no name whose content it is; absent when there are none
 */
public record Root(
        TreeEntry directory,
        @Nullable ObjectId links,
        @Nullable TreeEntry conflicts) {
    /** The same files with other conflicts. */
    public Root withConflicts(@Nullable TreeEntry newConflicts) {
        return new Root(directory, links, newConflicts);
    }
}

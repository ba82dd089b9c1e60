package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A whole tree: what a change or a settled workspace holds.
 *
 * @param directory the root directory, of type DIRECTORY and file id {@link TreeEntry#ROOT_FILE_ID}
 * @param links the {@link LinkTable} of files with several names; absent when there are none
 */
public record Root(TreeEntry directory, @Nullable ObjectId links) {}

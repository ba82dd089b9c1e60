/**
 * The live state of bookmarks: nodes in memory over immutable trees, edits journaled as they are made.
 *
 * <p>Lock order: gate, rename mutex, directories (ancestor first), file, leaf structures, the journal's append. Appending
 * under a node's lock is allowed; waiting for a flush, for LMDB's writer or for a mount with any lock held is not.
 */
@NullMarked
package dev.dogear.store.workspace;

import org.jspecify.annotations.NullMarked;

/**
 * Repositories and their verbs: checkpoint, undo of bookmarks, paths and operations, redo, merge, move, diff. What they
 * record is in {@code history.log}.
 *
 * <p>Threads: any thread calls a verb; verbs of one repository that move bookmarks are ordered by the repository's
 * publish lock, which is taken after a workspace's checkpoint mutex and gate and held for one journal append only.
 */
@NullMarked
package dev.dogear.store.history;

import org.jspecify.annotations.NullMarked;

/**
 * The live state of bookmarks: nodes in memory over immutable trees, edits journaled as they are made.
 *
 * <p>An edit is checked, appended to the journal and applied, in this order and under one lock, so that the order of
 * records is the order of edits; if the journal refuses, nothing was applied. A replay applies records through the same
 * methods. The first edit of a node after each cut journals where it is (BIND), since a replay starts from the root
 * stored with a cut and later records name files by id alone.
 *
 * <p>States of a node: <em>clean</em> (as the stored tree has it; may leave memory when nobody holds it), <em>edited</em>
 * (it and the directories above it are in their directories' overlays; stays), <em>without a name</em> (unlinked or
 * never named; stays while somebody holds it, and so does its data in the journal). {@link Workspace#freeze} changes no
 * state; {@link Workspace#settle} makes clean what was not edited after the cut; {@link Workspace#switchTo} makes all
 * clean that the new root has and takes the name from the rest.
 *
 * <p>Threads: any. Lock order: gate, the workspace's names lock, files by file id, the journal's append. One names lock
 * for each workspace takes the place of a rename mutex and a lock for each directory: looking up and listing share it,
 * and an edit holds it for little longer than its append, which is one at a time anyway. Writing to a file takes it only
 * for the first edit after a cut. Appending under a lock is allowed; waiting for a flush, for LMDB's writer or for a
 * mount with any lock held is not.
 */
@NullMarked
package dev.dogear.store.workspace;

import org.jspecify.annotations.NullMarked;

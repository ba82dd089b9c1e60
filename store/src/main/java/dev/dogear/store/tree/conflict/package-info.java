/**
 * Conflicts as data: what a merge could not decide, kept beside a tree as one list of paths with their bases and sides.
 * Pure functions over an object table; no I/O of its own, no threads, no locks.
 *
 * <p>The tree itself has at such a path what programs see: text with markers, or what survived. A path stops being
 * conflicted when somebody decides: by writing it without markers, by deleting it, or by {@link Resolution}.
 */
@NullMarked
package dev.dogear.store.tree.conflict;

import org.jspecify.annotations.NullMarked;

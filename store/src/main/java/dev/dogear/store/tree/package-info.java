/**
 * Directory trees as immutable values: lookup, listing, editing, diff and merge are pure functions over an object table.
 * No I/O of its own, no threads, no locks.
 *
 * <p>A directory is a prolly tree: entries ordered by (63-bit hash of the name, name), cut into nodes where other bits of
 * the hash say so. The same set of entries therefore always has the same nodes, whatever the order of edits that led to
 * it, and an edit rewrites only the nodes on the way to its entry.
 */
@NullMarked
package dev.dogear.store.tree;

import org.jspecify.annotations.NullMarked;

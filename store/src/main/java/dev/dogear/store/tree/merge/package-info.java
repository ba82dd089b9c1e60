/**
 * Three-way merges of trees. Pure functions over an object table; no I/O of its own, no threads, no locks.
 *
 * <p>A merge thinks in items: a file or directory that is the same one in base and sides, by its path or by its recorded
 * rename. A place is (directory item, name), so that a renamed directory takes along what the other side put into it. Each
 * touched item is merged by itself; then the places are brought into one tree, and ours is edited to be it.
 *
 * <p>{@link PathRestore} needs no items: it sets paths to what another tree has there.
 */
@NullMarked
package dev.dogear.store.tree.merge;

import org.jspecify.annotations.NullMarked;

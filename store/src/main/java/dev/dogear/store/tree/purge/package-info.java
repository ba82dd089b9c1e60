/**
 * Trees without what is to be purged: pure functions on immutable trees, which write the trees they make to the object table
 * they are given. One thread a purge; no locks.
 */
@NullMarked
package dev.dogear.store.tree.purge;

import org.jspecify.annotations.NullMarked;

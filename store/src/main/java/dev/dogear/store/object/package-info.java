/**
 * Immutable objects: their ids, kinds and bytes. Pure functions and values; no I/O, no threads, no locks.
 *
 * <p>The one seam here is {@link dev.dogear.store.object.ObjectTable}; its two implementations (in memory, and journal
 * plus LMDB) pass one contract suite.
 */
@NullMarked
package dev.dogear.store.object;

import org.jspecify.annotations.NullMarked;

/**
 * Differences and merges of text by lines, on plain bytes. Pure functions; no I/O, no threads, no locks. The algorithms are
 * JGit's.
 */
@NullMarked
package dev.dogear.store.tree.text;

import org.jspecify.annotations.NullMarked;

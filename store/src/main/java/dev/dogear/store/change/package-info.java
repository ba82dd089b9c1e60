/**
 * The words of history as values: changes, bookmarks, operations, and what the verbs of a repository are given and
 * answer; the rules of names and metadata. No I/O, no threads, no locks.
 */
@NullMarked
package dev.dogear.store.change;

import org.jspecify.annotations.NullMarked;

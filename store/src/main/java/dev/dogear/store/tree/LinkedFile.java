package dev.dogear.store.tree;

import com.google.common.collect.ImmutableSortedSet;

/**
 * A file with several names.
 *
 * @param entry its attributes and content, of its real type
 * @param paths all its names, at least two
 */
public record LinkedFile(TreeEntry entry, ImmutableSortedSet<TreePath> paths) {}

/**
 * What lives in a workspace but enters no change. A workspace has two trees: the whole one, which its directory shows, and
 * the versioned one, which verbs see: {@link dev.dogear.store.tree.unversioned.VersionedTree} makes the second from the first,
 * {@link dev.dogear.store.tree.unversioned.WholeTree} the first from the second. Pure functions on stored trees; their cost
 * follows what differs.
 */
@NullMarked
package dev.dogear.store.tree.unversioned;

import org.jspecify.annotations.NullMarked;

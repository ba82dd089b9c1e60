/**
 * Proposals of a repository: which bookmark is to be merged into which, who accepted what. Kept in rows of their own, which
 * are published together with the operation that changes them, as {@code history} says.
 *
 * <p>Threads: any; {@link dev.dogear.store.proposal.Proposals} has a lock of its own that is held for look-ups in memory.
 */
@NullMarked
package dev.dogear.store.proposal;

import org.jspecify.annotations.NullMarked;

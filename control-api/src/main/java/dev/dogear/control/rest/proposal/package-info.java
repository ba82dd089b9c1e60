/**
 * Proposals: what is to be merged, who accepts it, what became of it. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.proposal;

import org.jspecify.annotations.NullMarked;

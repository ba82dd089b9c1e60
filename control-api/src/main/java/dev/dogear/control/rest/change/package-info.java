/**
 * Stored states: changes, what differs between two, what is in one. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.change;

import org.jspecify.annotations.NullMarked;

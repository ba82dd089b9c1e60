/**
 * The daemon itself: how it is, what it shows, its end. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.host;

import org.jspecify.annotations.NullMarked;

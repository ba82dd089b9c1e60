/**
 * Who may ask and who did: keys, and the log of what was asked. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.access;

import org.jspecify.annotations.NullMarked;

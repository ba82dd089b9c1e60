/**
 * The one place where a request is let through or not: who asks, by socket or key, and whether that caller may do what the
 * route's {@link dev.dogear.control.http.Access} says it does. Any thread; no lock.
 */
@NullMarked
package dev.dogear.control.access;

import org.jspecify.annotations.NullMarked;

/**
 * FUSE over io_uring: the second way in which requests come from the kernel and answers go back, and the only package that knows
 * the structs of io_uring. A queue a possible CPU, each with places for requests; a few threads, each with a ring of its own, for
 * all queues. Such a thread takes requests and hands them on, and submits answers, whoever made them; it never waits for
 * anything but its ring. No locks. What the requests mean is known to the caller alone.
 */
@NullMarked
package dev.dogear.mount.uring;

import org.jspecify.annotations.NullMarked;

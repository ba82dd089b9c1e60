/**
 * The whole product as its users have it: a daemon in a process of its own, its mount, its socket and its command line.
 * Threads of the test may use the mount because the daemon that serves it is another process.
 */
@NullMarked
package dev.dogear.control.mounted;

import org.jspecify.annotations.NullMarked;

/**
 * Mounting and unmounting, volumes, the helper process that calls into our own mount, and the viewer that tells the kernel
 * what it must forget. One notifier thread for each connection, which holds no lock while it waits.
 */
@NullMarked
package dev.dogear.mount.mounts;

import org.jspecify.annotations.NullMarked;

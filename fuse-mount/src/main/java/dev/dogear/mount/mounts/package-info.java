/**
 * Mounting and unmounting, volumes, and the hand-over with the keeper, which owns the device descriptor so that a
 * dead daemon is replaced unnoticed. Invalidation belongs here too: one notifier thread with a queue a repository
 * tells the kernel which names and contents it must forget, holding no lock, with a spare thread for when one blocks.
 */
@NullMarked
package dev.dogear.mount.mounts;

import org.jspecify.annotations.NullMarked;

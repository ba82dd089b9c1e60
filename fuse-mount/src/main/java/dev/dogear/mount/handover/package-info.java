/**
 * What a daemon leaves to its successor when it dies: one file in memory, held by the keeper, with what was agreed with the
 * kernel, the requests being executed, and where the nodes are that the kernel knows. No system calls but those of the JDK.
 * Threads: any; each type locks itself, and no lock of the store is taken under one of these.
 */
@NullMarked
package dev.dogear.mount.handover;

import org.jspecify.annotations.NullMarked;

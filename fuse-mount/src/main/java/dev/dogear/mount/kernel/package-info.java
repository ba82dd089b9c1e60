/**
 * The FUSE protocol spoken on {@code /dev/fuse} through JNR-FFI: the default transport, and the only package that
 * knows struct offsets. Reader threads take requests from the device, decode them, call the filesystem by node id
 * and write the replies, from native memory where the bytes already lie there. Where there are rings ({@code uring}), their threads
 * do the same with requests that come by them, and only what the kernel says unasked is read. A reader never waits: what has to
 * wait is parked with its {@code unique} and answered by another thread. No lock of the filesystem is held while a
 * reply is written.
 */
@NullMarked
package dev.dogear.mount.kernel;

import org.jspecify.annotations.NullMarked;

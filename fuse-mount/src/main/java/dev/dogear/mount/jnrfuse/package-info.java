/**
 * The same filesystem through jnr-fuse and libfuse 2.9, for systems where the device cannot be spoken to directly. Paths come
 * in as bytes and are walked to node ids for each call; nothing is cached by the kernel (validity 0, direct I/O), since this
 * version of the protocol has no way to tell it to forget. Threads: a fixed number of our own, each in libfuse's loop, so that
 * no native thread has to be made a Java thread for a call. They may wait: no lock of this package is held while the
 * filesystem is called.
 */
@NullMarked
package dev.dogear.mount.jnrfuse;

import org.jspecify.annotations.NullMarked;

/**
 * The verbs for programs that see only the files: {@code .dogear/} in a bookmark's root, as in a guest without a socket. What
 * is read is made when the file is opened, what is written is done before the write is answered, both on threads of this
 * package, since a verb waits for the kernel and whoever serves the kernel must not. No locks.
 */
@NullMarked
package dev.dogear.mount.commands;

import org.jspecify.annotations.NullMarked;

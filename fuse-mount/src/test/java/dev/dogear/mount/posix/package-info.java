/** Single system calls and their rules, tried on ext4 and on a mount in the same run. */
@NullMarked
package dev.dogear.mount.posix;

import org.jspecify.annotations.NullMarked;

/** Access control lists as POSIX.1e has them and ext4 keeps them: pure functions on attributes, no threads, no locks. */
@NullMarked
package dev.dogear.store.access;

import org.jspecify.annotations.NullMarked;

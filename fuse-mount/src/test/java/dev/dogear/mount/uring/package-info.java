/** Tests of the places of rings, without a kernel. */
@NullMarked
package dev.dogear.mount.uring;

import org.jspecify.annotations.NullMarked;

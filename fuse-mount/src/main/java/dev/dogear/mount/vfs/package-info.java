/**
 * The filesystem itself: one method a kernel request, on node ids and handles, the same for each transport. Expected
 * outcomes, a missing file first of all, are a {@code PosixException} with an errno; this package is where
 * exceptions of the store become errnos, and nothing else leaves it. Called by the readers of a transport, many at
 * once; locks are those of the workspace, in the order given for {@code dev.dogear.mount}.
 */
@NullMarked
package dev.dogear.mount.vfs;

import org.jspecify.annotations.NullMarked;

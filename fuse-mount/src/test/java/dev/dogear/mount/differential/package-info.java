/** The mount against a file system that is right by definition: the same random operations on both, everything compared. */
@NullMarked
package dev.dogear.mount.differential;

import org.jspecify.annotations.NullMarked;

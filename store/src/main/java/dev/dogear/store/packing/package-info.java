/**
 * How small objects are compressed: zstd, by a dictionary that was trained on objects of the same repository. Nothing here
 * reads or writes files.
 *
 * <p>Threads: {@link Dictionary} and {@link Dictionaries} belong to all, a packer or unpacker to one at a time.
 */
@NullMarked
package dev.dogear.store.packing;

import org.jspecify.annotations.NullMarked;

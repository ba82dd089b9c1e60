package dev.dogear.mount.vfs;

/**
 * An open file's answer.
 *
 * @param handle opaque, given back with each call on it
 * @param keepCache the kernel may keep the pages it has
 * @param direct no page cache for this handle
 */
public record OpenFile(long handle, boolean keepCache, boolean direct) {}

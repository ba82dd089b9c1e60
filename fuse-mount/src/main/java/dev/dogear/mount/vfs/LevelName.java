package dev.dogear.mount.vfs;

/**
 * A name in a directory above bookmarks that a viewer must have looked up anew.
 *
 * @param parent node id of the directory
 * @param name one part of a path
 */
public record LevelName(long parent, byte[] name) {}

package dev.dogear.store.lmdb;

/** The tables of a repository's index environment that hold rows of the packages above. */
public enum Table {
    /** Bookmark name (UTF-8) to bookmark. */
    BOOKMARKS,
    /** Operation number (u64, big-endian) to operation. */
    OPERATIONS,
    /** Change id (16 bytes) to the commits it had, newest last. */
    CHANGES,
    /** Bookmark number (u32, big-endian) to the root of the edits already stored, and its cut. */
    WORKSPACES,
    /** Anything of which there is one. */
    META
}

package dev.dogear.store.lmdb;

import java.util.Locale;

/** The tables of a repository's index environment that hold rows of the packages above. */
public enum Table {
    /** Bookmark name (UTF-8; above 511 bytes the beginning of it and a hash) to bookmark. */
    BOOKMARKS(1),
    /** Operation number (u64, big-endian) to operation. */
    OPERATIONS(2),
    /** Change id (16 bytes) to the commits it had, newest last. */
    CHANGES(3),
    /** Bookmark number (u32, big-endian) to the root of the edits already stored, and its cut. */
    WORKSPACES(4),
    /** Anything of which there is one. Keys that begin with {@code dogear.} are this package's own. */
    META(5);

    private final int code;

    Table(int code) {
        this.code = code;
    }

    /** What stands for this table in journal records: never renumber. */
    int code() {
        return code;
    }

    static Table ofCode(int code) {
        for (Table table : values()) {
            if (table.code == code) {
                return table;
            }
        }
        throw new IllegalArgumentException("no table has code " + code);
    }

    /** Its name in LMDB. */
    String dbiName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package dev.dogear.store.lmdb;

import java.util.Locale;

/** What the data folder knows beyond its repositories. */
public enum ServerTable {
    /** Repository name (UTF-8) to repository. */
    REPOSITORIES(0),
    /** First bookmark number (u32, big-endian) of a block to the id of the repository that got it. */
    BLOCKS(1),
    /** Anything of which there is one. */
    SETTINGS(2);

    /** Its place in the list of the environment's tables. */
    final int place;

    ServerTable(int place) {
        this.place = place;
    }

    String dbiName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package dev.dogear.store.lmdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are in the journal and not in LMDB yet. Each key has its versions, newest first; a reader sees those up to
 * the LSN that was published when it began, so all rows of a publish come into sight together. Rows are added and dropped
 * by one thread at a time (the caller's lock); a reader of a table that was replaced goes on with what it has.
 */
final class PendingRows {
    private volatile Map<Table, ConcurrentSkipListMap<byte[], Version>> tables;
    private volatile long published = -1;

    PendingRows() {
        Map<Table, ConcurrentSkipListMap<byte[], Version>> empty = new EnumMap<>(Table.class);
        for (Table table : Table.values()) {
            empty.put(table, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
        }
        tables = Collections.unmodifiableMap(empty);
    }

    /** The LSN of the last record whose rows are in sight. */
    long published() {
        return published;
    }

    ConcurrentSkipListMap<byte[], Version> table(Table table) {
        ConcurrentSkipListMap<byte[], Version> rows = tables.get(table);
        if (rows == null) {
            throw new AssertionError("every table has its map");
        }
        return rows;
    }

    /** Whether nothing was dropped since {@code rows} was got from {@link #table}. */
    @SuppressWarnings("ReferenceEquality")
    boolean isCurrent(Table table, ConcurrentSkipListMap<byte[], Version> rows) {
        return table(table) == rows;
    }

    boolean isEmpty() {
        for (Map<byte[], Version> table : tables.values()) {
            if (!table.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    void add(long lsn, List<Row> rows) {
        for (Row row : rows) {
            ConcurrentSkipListMap<byte[], Version> table = table(row.table());
            table.put(row.key(), new Version(lsn, row.value(), table.get(row.key())));
        }
        published = lsn;
    }

    /** The newest of each row below {@code horizon}. */
    List<Row> below(long horizon) {
        List<Row> found = new ArrayList<>();
        tables.forEach((table, rows) -> rows.forEach((key, newest) -> {
            Version version = newest.at(horizon - 1);
            if (version != null) {
                found.add(new Row(table, key, version.value()));
            }
        }));
        return found;
    }

    /** Forgets what LMDB has now. */
    void dropBelow(long horizon) {
        Map<Table, ConcurrentSkipListMap<byte[], Version>> left = new EnumMap<>(Table.class);
        tables.forEach((table, rows) -> {
            ConcurrentSkipListMap<byte[], Version> kept = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
            rows.forEach((key, newest) -> {
                Version rest = newest.from(horizon);
                if (rest != null) {
                    kept.put(key, rest);
                }
            });
            left.put(table, kept);
        });
        tables = Collections.unmodifiableMap(left);
    }

    /**
     * What a row was made by the record at {@code lsn}.
     *
     * @param value null if it was deleted
     */
    record Version(
            long lsn, byte @Nullable [] value, @Nullable Version older) {
        /** The newest version not after {@code lsn}. */
        @Nullable
        Version at(long limit) {
            Version version = this;
            while (version != null && version.lsn > limit) {
                version = version.older;
            }
            return version;
        }

        /** The versions at or after {@code first}; a loop, since a busy row has very many. */
        private @Nullable Version from(long first) {
            List<Version> kept = new ArrayList<>();
            for (Version version = this; version != null && version.lsn >= first; version = version.older) {
                kept.add(version);
            }
            Version rest = null;
            for (int i = kept.size() - 1; i >= 0; i--) {
                rest = new Version(kept.get(i).lsn, kept.get(i).value, rest);
            }
            return rest;
        }
    }
}

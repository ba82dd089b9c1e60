package dev.dogear.store.lmdb;

import dev.dogear.store.journal.Flusher;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.object.ObjectTable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Everything one repository keeps: its objects and rows. Objects and rows are journaled first and visible at once; the
 * folder moves them into LMDB later, in order, and remembers how far it came.
 */
public final class Tables implements AutoCloseable {
    /** Journal record kinds from this one up belong to the packages above; those below are objects, rows and padding. */
    public static final int FIRST_FOREIGN_KIND = 16;

    /** Makes the environments of a new, empty repository, holding {@code rows}, in one durable step. */
    public static void create(Path directory, byte[] repository, List<Row> rows) {
        throw new UnsupportedOperationException();
    }

    /** Opens a repository: reads its journal and holds what LMDB does not have yet in memory. */
    public static Tables open(Path directory, byte[] repository, Flusher flusher) {
        throw new UnsupportedOperationException();
    }

    /** The objects. */
    public ObjectTable objects() {
        throw new UnsupportedOperationException();
    }

    /** The journal, for records of kind {@link #FIRST_FOREIGN_KIND} and above. */
    public Journal journal() {
        throw new UnsupportedOperationException();
    }

    /** A row's value, newest first of journal and LMDB, or null. */
    public byte @Nullable [] get(Table table, byte[] key) {
        throw new UnsupportedOperationException();
    }

    /** Shows rows with a key at or after {@code from} in key order (at or before it, descending, if {@code backwards}) until the visitor says false. */
    public void scan(Table table, byte[] from, boolean backwards, RowVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes rows together: one journal record, visible at once to readers of this process when this returns, all or
     * nothing after a crash. Every object written before by the same thread precedes it in the journal.
     *
     * @return completes when the change and all before it survive a power cut
     */
    public CompletableFuture<Void> publish(List<Row> rows) {
        throw new UnsupportedOperationException();
    }

    /**
     * Moves what is journaled into LMDB now (otherwise a thread of its own does so in time) and recycles the journal
     * below {@code keepFrom}, the least LSN the packages above still need.
     */
    public void fold(long keepFrom) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Receives rows of a scan. */
    @FunctionalInterface
    public interface RowVisitor {
        /** @return whether to go on */
        boolean row(byte[] key, byte[] value);
    }
}

package dev.dogear.store.journal;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * The append-only log of one repository. A position in it (LSN) is the number of bytes before it since the repository
 * began; it only grows, over recycled segments too.
 */
public final class Journal implements AutoCloseable {
    /**
     * Opens the journal in {@code directory} (created with the first append), truncates a torn tail.
     *
     * @param repository 16 bytes that go into every checksum, so that no other repository's record passes
     * @throws dev.dogear.store.StoreException CORRUPT if a bad record has good ones after it
     */
    public static Journal open(Path directory, byte[] repository, Flusher flusher) {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends one record; it survives the death of this process once this returns, a power cut after {@link #flush}.
     *
     * @param kind 1 to 255, the meaning is the caller's
     * @param parts the payload, gathered; buffers are consumed
     * @return the record's LSN
     * @throws dev.dogear.store.StoreException NO_SPACE if the disk is full (nothing was appended), READ_ONLY after a failed write or flush
     */
    public long append(int kind, ByteBuffer... parts) {
        throw new UnsupportedOperationException();
    }

    /** The LSN at which the payload of the record at {@code lsn} begins: what {@link #read} is given for written data. */
    public static long payload(long lsn) {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code target} with the bytes at {@code position}; they must lie inside one record's payload. */
    public void read(long position, ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    /** Completes when everything appended before this call survives a power cut; fails with READ_ONLY or IO otherwise. */
    public CompletableFuture<Void> flushed() {
        throw new UnsupportedOperationException();
    }

    /** Waits for {@link #flushed()}. Never call it with a lock held. */
    public void flush() {
        throw new UnsupportedOperationException();
    }

    /** Shows every record with an LSN of at least {@code from}, in order. Not while appending. */
    public void replay(long from, Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** Deletes or reuses the segments that end at or before {@code lsn}. */
    public void recycle(long lsn) {
        throw new UnsupportedOperationException();
    }

    /** The LSN the next record will get. */
    public long tail() {
        throw new UnsupportedOperationException();
    }

    /** The LSN of the oldest record still kept. */
    public long head() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Receives records of a replay. */
    @FunctionalInterface
    public interface Visitor {
        /** @param payload read-only, valid during this call */
        void record(long lsn, int kind, ByteBuffer payload);
    }
}

package dev.dogear.store.journal;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only log of one repository. A position in it (LSN) is the number of bytes before it since the repository
 * began; it only grows, over recycled segments too.
 */
public final class Journal implements AutoCloseable {
    /** The largest payload of one record; to split what is larger is the caller's part. */
    public static final int MAX_PAYLOAD = 64 << 20;

    /** The kind of a record that stands for bytes that a repair found damaged: what follows may rest on what is not there. */
    public static final int LEFT_OUT = 255;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** The last record of a journal that was closed in order. It says that all before it was flushed. */
    private static final int CLOSED = 0;

    /** Records up to this size are joined in a buffer for one write call, which is cheaper than a gathering one. */
    private static final int STAGED_BYTES = 64 << 10;

    private final Path directory;
    private final Flusher flusher;
    private final SegmentChain chain;
    private final FlushQueue waiters = new FlushQueue();

    /** The append lock: a leaf. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGED_BYTES);
    private final long opened;
    private volatile long tail;
    private volatile long durable;
    private volatile long recycled;
    /** Whether the flusher knows that there is something to flush. */
    private volatile boolean announced;

    private volatile @Nullable StoreException failure;
    private volatile boolean closed;
    /** Whether the files were closed for want of use since anybody last asked for them. */
    private volatile boolean resting;

    private volatile Runnable woken = () -> {};

    private Journal(Path directory, Flusher flusher, SegmentChain chain, long tail) {
        this.directory = directory;
        this.flusher = flusher;
        this.chain = chain;
        this.opened = tail;
        this.tail = tail;
        this.durable = chain.head(tail);
        this.recycled = durable;
    }

    /**
     * Opens the journal in {@code directory} (created with the first append), truncates a torn tail.
     *
     * @param repository 16 bytes that go into every checksum, so that no other repository's record passes
     * @throws dev.dogear.store.StoreException CORRUPT if a bad record has good ones after it
     */
    public static Journal open(Path directory, byte[] repository, Flusher flusher) {
        try {
            Recovery found = Recovery.run(directory, repository);
            SegmentChain chain = new SegmentChain(directory, repository, found.segments());
            Journal journal = new Journal(directory, flusher, chain, found.tail());
            if (journal.durable < journal.tail) {
                // What a killed process appended is here now, and may still be in memory only.
                journal.announce();
            }
            return journal;
        } catch (IOException e) {
            throw DiskErrors.of("Opening the journal in " + directory + " failed", directory, e);
        }
    }

    /**
     * Appends one record; it survives the death of this process once this returns, a power cut after {@link #flush}.
     *
     * @param kind 1 to 254, the meaning is the caller's
     * @param parts the payload, at most {@link #MAX_PAYLOAD} bytes, gathered; buffers are consumed
     * @return the record's LSN
     * @throws dev.dogear.store.StoreException NO_SPACE if the disk is full (nothing was appended), READ_ONLY after a failed write or flush
     */
    public long append(int kind, ByteBuffer... parts) {
        if (kind <= CLOSED || kind >= LEFT_OUT) {
            throw new IllegalArgumentException("a record's kind is 1 to 254, not " + kind);
        }
        long length = 0;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        if (length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("a record's payload is at most 64 MiB, not " + length + " bytes");
        }
        int crc = Frame.crc(parts);
        long lsn = appendChecked(kind, (int) length, crc, parts);
        for (ByteBuffer part : parts) {
            part.position(part.limit());
        }
        if (!announced) {
            announce();
        }
        if (resting) {
            wake();
        }
        return lsn;
    }

    /** Told each time the files are needed again after a rest. */
    public void onWoken(Runnable action) {
        woken = action;
    }

    /**
     * Closes the files until they are needed again. Waits for nobody.
     *
     * @return whether they are closed; not so while something is to be flushed or is being appended
     */
    public boolean rest() {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            if (closed || durable < tail) {
                return closed;
            }
            for (Segment segment : chain.all()) {
                segment.file.rest();
            }
            resting = true;
            return true;
        } catch (IOException e) {
            LOG.warn("closing the files of the resting journal in {}", directory, e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        resting = false;
        woken.run();
    }

    private long appendChecked(int kind, int length, int crc, ByteBuffer[] parts) {
        lock.lock();
        try {
            requireWritable();
            long lsn = tail;
            Segment segment = chain.last();
            long size = Frame.size(length);
            if (segment == null || lsn + size > segment.limit()) {
                segment = grow(lsn, size);
            }
            write(segment, new Frame(crc, length, kind, lsn, durable), parts);
            tail = lsn + size;
            if (lsn - segment.base > (segment.limit() - segment.base) / 2) {
                fillAhead(segment);
            }
            return lsn;
        } catch (IOException e) {
            throw appendFailed(e);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing of the log is touched when this fails, so later appends may try again. */
    private Segment grow(long lsn, long size) {
        // An interrupt would close the files this opens.
        boolean interrupted = Thread.interrupted();
        try {
            return chain.grow(lsn, size);
        } catch (IOException e) {
            throw DiskErrors.of("Making a journal file in " + directory + " failed", directory, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write(Segment segment, Frame frame, ByteBuffer[] parts) throws IOException {
        long offset = segment.offset(frame.lsn());
        staging.clear();
        frame.write(staging, segment.salt);
        if (frame.length() <= staging.remaining()) {
            for (ByteBuffer part : parts) {
                staging.put(part.duplicate());
            }
            segment.file.write(staging.flip(), offset);
        } else {
            ByteBuffer[] all = new ByteBuffer[1 + parts.length];
            all[0] = staging.flip();
            System.arraycopy(parts, 0, all, 1, parts.length);
            segment.file.gather(all, offset);
        }
    }

    /** A full disk is the caller's trouble; after anything else nobody knows what is on the disk. */
    private StoreException appendFailed(IOException e) {
        StoreException reason = DiskErrors.of("Writing to the journal in " + directory + " failed", directory, e);
        if (reason.kind() == StoreException.Kind.IO) {
            fail(reason);
        }
        return reason;
    }

    private void fillAhead(Segment segment) {
        if (chain.spare().startFilling()) {
            long bytes = SegmentChain.nextBytes(segment);
            try {
                flusher.background().execute(() -> chain.spare().fill(bytes));
            } catch (RejectedExecutionException e) {
                LOG.debug("the process ends; no spare segment", e);
            }
        }
    }

    private void announce() {
        announced = true;
        flusher.touched(this);
    }

    /** The LSN at which the payload of the record at {@code lsn} begins: what {@link #read} is given for written data. */
    public static long payload(long lsn) {
        return lsn + Frame.BYTES;
    }

    /**
     * Fills {@code target} with the bytes at {@code position}; they must lie inside one record's payload.
     *
     * @throws dev.dogear.store.StoreException STALE if they were recycled; never other bytes
     */
    public void read(long position, ByteBuffer target) {
        int count = target.remaining();
        if (position + count > tail) {
            throw new IllegalArgumentException("the journal ends before position " + (position + count));
        }
        Segment segment = chain.at(position);
        if (segment == null) {
            throw stale(position);
        }
        if (resting) {
            wake();
        }
        try {
            int got = segment.file.read(target, segment.offset(position));
            if (!chain.keeps(segment)) {
                throw stale(position);
            }
            if (got < count) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, "The journal file is shorter than it was: " + segment.path);
            }
        } catch (IOException e) {
            if (segment.isRetired()) {
                throw stale(position);
            }
            throw DiskErrors.of("Reading the journal in " + directory + " failed", directory, e);
        }
    }

    private static StoreException stale(long position) {
        return new StoreException(
                StoreException.Kind.STALE, "The journal no longer holds position " + position + "; it was recycled");
    }

    /**
     * Completes when everything appended before this call survives a power cut; fails with READ_ONLY or IO otherwise.
     * What depends on it without an executor runs on the flusher's thread and must not block.
     */
    public CompletableFuture<Void> flushed() {
        long target = tail;
        StoreException reason = failure;
        if (reason != null) {
            return CompletableFuture.failedFuture(readOnly(reason));
        }
        if (target <= durable) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> done = waiters.add(target);
        flusher.request(this);
        return done;
    }

    /** Waits for {@link #flushed()}. Never call it with a lock held. */
    public void flush() {
        try {
            flushed().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException reason) {
                throw new StoreException(reason.kind(), String.valueOf(reason.getMessage()), reason);
            }
            throw e;
        }
    }

    /** What the flusher does: fdatasync of every segment touched since the last time. */
    void flushNow() {
        announced = false;
        long target = tail;
        StoreException reason = failure;
        if (reason != null) {
            waiters.fail(readOnly(reason));
            return;
        }
        if (target > durable) {
            long begin = System.nanoTime();
            try {
                force(target);
                flusher.fsync().since(begin);
            } catch (IOException e) {
                fail(new StoreException(
                        StoreException.Kind.IO,
                        "Making the journal in " + directory + " durable failed: " + e.getMessage(),
                        e));
                return;
            }
            durable = Math.max(durable, target);
        }
        waiters.completeUpTo(target);
    }

    private void force(long target) throws IOException {
        for (Segment segment : chain.all()) {
            if (chain.end(segment, target) > durable) {
                try {
                    segment.file.force();
                } catch (IOException e) {
                    if (!segment.isRetired()) {
                        throw e;
                    }
                }
            }
        }
        chain.syncNames();
    }

    /**
     * Shows every record with an LSN of at least {@code from} and below the present tail, in order. Records may be
     * appended meanwhile, but not recycled.
     */
    public void replay(long from, Visitor visitor) {
        long end = tail;
        try {
            for (Segment segment : chain.all()) {
                long segmentEnd = Math.min(end, chain.end(segment, end));
                if (segmentEnd > from) {
                    replay(segment, from, segmentEnd, visitor);
                }
            }
        } catch (IOException e) {
            throw DiskErrors.of("Reading the journal in " + directory + " failed", directory, e);
        }
    }

    private static void replay(Segment segment, long from, long end, Visitor visitor) throws IOException {
        SegmentReader reader = new SegmentReader(segment);
        // The caller's position is that of a record as a rule: no need to walk there from the beginning.
        long lsn = from > segment.base && reader.header(from) != null ? from : segment.base;
        while (lsn < end) {
            Frame frame = reader.header(lsn);
            ByteBuffer payload = frame == null ? null : reader.payload(frame);
            if (frame == null || payload == null) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "The journal record at " + lsn + " in " + segment.path + " is damaged");
            }
            if (lsn >= from && frame.kind() != CLOSED) {
                visitor.record(lsn, frame.kind(), payload);
            }
            lsn += Frame.size(frame.length());
        }
    }

    /**
     * Reads every record there is, while others append and recycle.
     *
     * @throws dev.dogear.store.StoreException CORRUPT
     */
    public void verify() {
        long end = tail;
        for (Segment segment : chain.all()) {
            try {
                replay(segment, segment.base, Math.min(end, chain.end(segment, end)), (lsn, kind, payload) -> {});
            } catch (IOException | StoreException e) {
                if (segment.isRetired()) {
                    continue;
                }
                throw e instanceof StoreException reason
                        ? reason
                        : DiskErrors.of("Reading the journal in " + directory + " failed", directory, (IOException) e);
            }
        }
    }

    /**
     * Deletes or reuses the segments that end at or before {@code lsn}. When that is the whole log, {@link #close} leaves
     * but an empty file that holds the position.
     */
    public void recycle(long lsn) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            recycled = Math.max(recycled, Math.min(lsn, tail));
            chain.recycle(recycled);
            Segment last = chain.last();
            if (recycled == tail && last != null && last.fileBytes() > SegmentChain.FIRST_BYTES) {
                chain.clear(tail);
            }
        } catch (IOException e) {
            throw DiskErrors.of("Recycling the journal in " + directory + " failed", directory, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the segment that is written; the next record begins one made of zeroes, whatever file was kept for it. So all
     * before the tail can be erased by {@link #erase}, once it is needed no more.
     */
    public void roll() {
        lock.lock();
        try {
            requireWritable();
            if (chain.last() != null) {
                chain.roll(tail);
            }
        } catch (IOException e) {
            throw appendFailed(e);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #recycle}, but no file with what it held is kept for another use. */
    public void erase(long lsn) {
        recycle(lsn);
        lock.lock();
        try {
            chain.spare().drop();
        } finally {
            lock.unlock();
        }
    }

    /** The LSN the next record will get. */
    public long tail() {
        return tail;
    }

    /** The LSN of the oldest record still kept. */
    public long head() {
        return chain.head(tail);
    }

    /** Why this journal takes no more records, or null if it does. */
    public @Nullable String failure() {
        StoreException reason = failure;
        return reason == null ? null : reason.getMessage();
    }

    /** Flushes and closes; never throws, since {@link #flush} tells who needs to know. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            flush();
        } catch (StoreException e) {
            LOG.error("closing the journal in {}: {}", directory, e.getMessage());
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (failure == null) {
                end();
            }
            chain.close();
        } catch (IOException e) {
            LOG.error("closing the journal in {}", directory, e);
        } finally {
            lock.unlock();
        }
    }

    /** Leaves an empty file if nothing is needed any more, else a record that vouches for all before it. */
    private void end() throws IOException {
        Segment last = chain.last();
        if (last == null || tail == last.base) {
            return;
        }
        if (recycled == tail) {
            chain.clear(tail);
        } else if (tail + Frame.BYTES <= last.limit() && durable == tail && tail > opened) {
            write(last, new Frame(Frame.crc(), 0, CLOSED, tail, durable), new ByteBuffer[0]);
            last.file.force();
        }
    }

    private void requireWritable() {
        if (closed) {
            throw new IllegalStateException("the journal in " + directory + " is closed");
        }
        StoreException reason = failure;
        if (reason != null) {
            throw readOnly(reason);
        }
    }

    private StoreException readOnly(StoreException reason) {
        return new StoreException(
                StoreException.Kind.READ_ONLY,
                "The repository takes no writes since an error of its disk; restart after repairing it. "
                        + reason.getMessage(),
                reason);
    }

    private void fail(StoreException reason) {
        LOG.error("{}; read-only from now on", reason.getMessage(), reason);
        failure = reason;
        waiters.fail(reason);
    }

    /** For tests: whether all appended so far survives a power cut. */
    boolean isDurable() {
        return durable >= tail;
    }

    /** For tests: the segment the next record goes to. */
    @Nullable
    Segment last() {
        return chain.last();
    }

    /** Receives records of a replay. */
    @FunctionalInterface
    public interface Visitor {
        /** @param payload read-only, valid during this call */
        void record(long lsn, int kind, ByteBuffer payload);
    }
}

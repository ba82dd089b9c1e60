package dev.dogear.store.journal;

import dev.dogear.store.DiskErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a journal in order, and how the log goes from one to the next. Growing is done by one thread at a time
 * (the append lock), shrinking likewise; readers need no lock.
 */
final class SegmentChain {
    static final long FIRST_BYTES = 1 << 20;
    static final long MAX_BYTES = 64 << 20;

    private final Path directory;
    private final byte[] repository;
    private final SpareSegment spare;
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private volatile @Nullable Segment last;
    /** Whether a name came or went since the directory was synced. */
    private volatile boolean namesChanged;

    SegmentChain(Path directory, byte[] repository, List<Segment> found) {
        this.directory = directory;
        this.repository = repository;
        this.spare = new SpareSegment(directory);
        for (Segment segment : found) {
            segments.put(segment.base, segment);
            last = segment;
        }
    }

    @Nullable
    Segment last() {
        return last;
    }

    /** The segment that holds that LSN, if it is still kept. */
    @Nullable
    Segment at(long lsn) {
        var entry = segments.floorEntry(lsn);
        return entry == null ? null : entry.getValue();
    }

    /** Whether that very segment is still kept: a reader asks after it has read. */
    boolean keeps(Segment segment) {
        return segments.get(segment.base) == segment;
    }

    Collection<Segment> all() {
        return segments.values();
    }

    /** The LSN the segment's records end at. */
    long end(Segment segment, long tail) {
        Long next = segments.higherKey(segment.base);
        return next == null ? tail : next;
    }

    long head(long tail) {
        var entry = segments.firstEntry();
        return entry == null ? tail : entry.getKey();
    }

    SpareSegment spare() {
        return spare;
    }

    /** What the segment after {@code previous} should measure. */
    static long nextBytes(@Nullable Segment previous) {
        return previous == null ? FIRST_BYTES : Math.max(FIRST_BYTES, Math.min(MAX_BYTES, 2 * previous.fileBytes()));
    }

    /** Begins a segment at {@code base} that holds a record of that size. */
    Segment grow(long base, long recordBytes) throws IOException {
        Segment previous = last;
        long needed = Segment.HEADER_BYTES + recordBytes;
        long bytes = Math.max(nextBytes(previous), needed);
        if (previous == null) {
            Files.createDirectories(directory);
            DiskErrors.sync(directory.toAbsolutePath().resolve(".."));
        }
        Path file = spare.take(Math.max(needed, FIRST_BYTES));
        boolean spared = file != null;
        Segment next = begin(file != null ? file : make(bytes, needed), base);
        if (spared) {
            spare.taken();
        }
        return next;
    }

    /** A file of that size, or of what there is room for on a disk that is nearly full. */
    private Path make(long wanted, long needed) throws IOException {
        long least = Math.max(needed, FIRST_BYTES);
        long bytes = wanted;
        while (true) {
            try {
                return spare.make(bytes);
            } catch (IOException e) {
                if (bytes <= least || !DiskErrors.isNoSpace(directory, e)) {
                    throw e;
                }
                bytes = Math.max(least, bytes / 2);
            }
        }
    }

    /** Ends the log so far at {@code tail} and gives its space back: an empty segment keeps the position. */
    void clear(long tail) throws IOException {
        Path file = directory.resolve("made");
        Files.deleteIfExists(file);
        Files.createFile(file);
        Segment stub = begin(file, tail);
        stub.file.force();
        syncNames();
        for (Segment segment : all()) {
            if (segment != stub) {
                segments.remove(segment.base, segment);
                segment.retire();
                Files.deleteIfExists(segment.path);
            }
        }
        spare.drop();
    }

    /** Begins a segment at {@code tail} in a file nobody has used. */
    void roll(long tail) throws IOException {
        spare.drop();
        begin(spare.make(FIRST_BYTES), tail);
        syncNames();
    }

    /** Deletes or keeps for reuse the segments whose records all lie below {@code lsn}. */
    void recycle(long lsn) throws IOException {
        while (true) {
            var first = segments.firstEntry();
            var second = first == null ? null : segments.higherEntry(first.getKey());
            if (first == null || second == null || second.getKey() > lsn) {
                return;
            }
            remove(first.getValue());
        }
    }

    /** Makes names that came survive a power cut, if any did. */
    void syncNames() throws IOException {
        if (namesChanged) {
            namesChanged = false;
            try {
                DiskErrors.sync(directory);
            } catch (IOException e) {
                namesChanged = true;
                throw e;
            }
        }
    }

    void close() throws IOException {
        spare.close();
        for (Segment segment : all()) {
            segment.close();
        }
    }

    private Segment begin(Path file, long base) throws IOException {
        Segment previous = last;
        long generation = previous == null ? 1 : previous.generation + 1;
        Path path = directory.resolve(Segment.name(base));
        ByteBuffer header = Segment.header(repository, base, generation);
        try (SegmentFile channel = new SegmentFile(file)) {
            channel.write(header, 0);
        }
        Files.move(file, path, StandardCopyOption.ATOMIC_MOVE);
        namesChanged = true;
        Segment next = Segment.begun(path, base, generation, repository);
        Segment replaced = segments.put(base, next);
        last = next;
        if (replaced != null) {
            replaced.retire();
        }
        return next;
    }

    /** Takes it from the map first: from then on no reader trusts what he reads there. */
    private void remove(Segment segment) throws IOException {
        segments.remove(segment.base, segment);
        segment.retire();
        if (segment.fileBytes() != MAX_BYTES || !spare.offer(segment.path, segment.fileBytes())) {
            Files.deleteIfExists(segment.path);
        }
    }
}

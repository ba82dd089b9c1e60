package dev.dogear.store.journal;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a damaged journal one that opens again. What cannot be read is covered by records of kind {@link Journal#LEFT_OUT}, so
 * that every other record keeps its position. To be given a copy: it writes over the damaged bytes. For one thread, while
 * nobody has the journal open.
 */
public final class JournalRepair {
    /** What one record covers at most. */
    private static final long COVER_BYTES = 32 << 20;

    /** How often a file was reused at most, when that has to be guessed. */
    private static final int GENERATIONS = 1 << 20;

    private final Path directory;
    private final byte[] repository;
    private final List<String> done = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private long generation;

    private JournalRepair(Path directory, byte[] repository) {
        this.directory = directory;
        this.repository = repository;
    }

    /**
     * Repairs what is damaged; does nothing to a journal that is not.
     *
     * @param applied the LSN the tables go up to: the journal has to reach from there or below to there or above
     * @return what was done, a sentence each
     */
    public static List<String> run(Path directory, byte[] repository, long applied) {
        JournalRepair repair = new JournalRepair(directory, repository);
        try {
            Files.createDirectories(directory);
            repair.open();
            repair.mend();
            repair.close();
            repair.reach(applied);
            DiskErrors.sync(directory);
            return repair.done;
        } catch (IOException e) {
            throw DiskErrors.of("Repairing the journal in " + directory + " failed", directory, e);
        } finally {
            repair.close();
        }
    }

    private void open() throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(directory)) {
            files = list.filter(file -> file.toString().endsWith(Segment.SUFFIX))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            Segment segment = open(file);
            if (segment != null) {
                segments.add(segment);
                generation = Math.max(generation, segment.generation);
            }
        }
    }

    /** The segment in a file, with its header made again if need be; null if there is none to be read in it. */
    private @Nullable Segment open(Path file) throws IOException {
        try {
            Segment segment = Segment.open(file, repository);
            if (segment != null) {
                return segment;
            }
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.CORRUPT) {
                throw e;
            }
        }
        long base = Segment.baseOf(file);
        long found = generationOf(file, base);
        if (found > 0) {
            try (SegmentFile written = new SegmentFile(file)) {
                written.write(Segment.header(repository, base, found), 0);
                written.force();
            }
            done.add("The header of the journal file " + file.getFileName() + " was damaged and is made again");
            return Segment.open(file, repository);
        }
        Files.delete(file);
        done.add("The journal file " + file.getFileName() + " has no readable beginning and is left out");
        return null;
    }

    /** The generation by which the first record's checksum is right, or 0. */
    private long generationOf(Path file, long base) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(Frame.BYTES);
        try (SegmentFile opened = new SegmentFile(file)) {
            if (opened.read(record, Segment.HEADER_BYTES) < Frame.BYTES) {
                return 0;
            }
        }
        for (long tried = 1; tried <= GENERATIONS; tried++) {
            byte[] salt = ByteBuffer.allocate(repository.length + Long.BYTES)
                    .put(repository)
                    .putLong(tried)
                    .array();
            if (Frame.read(record, 0, salt, base) != null) {
                return tried;
            }
        }
        return 0;
    }

    /** Covers everything that a later record calls durable and that is not readable. */
    private void mend() throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            SegmentReader reader = new SegmentReader(segment);
            long lsn = segment.base;
            while (true) {
                lsn = reader.endOfGood(lsn);
                boolean last = i + 1 == segments.size();
                if ((!last && segments.get(i + 1).base == lsn) || !isDamage(i, lsn)) {
                    break;
                }
                long next = goodAfter(reader, lsn);
                if (next >= 0) {
                    cover(segment, lsn, next);
                    lsn = next;
                    reader = new SegmentReader(segment);
                } else {
                    coverUpTo(i, lsn, segments.get(i + 1).base);
                    break;
                }
            }
        }
    }

    /** Whether a good record after {@code bad} says that the bytes there had been durable. */
    private boolean isDamage(int index, long bad) throws IOException {
        for (int i = index; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (new SegmentReader(segment).durableAfter(i == index ? bad : segment.base, bad) != null) {
                return true;
            }
        }
        return false;
    }

    /** The first record after {@code bad} in its segment, or -1. */
    private static long goodAfter(SegmentReader reader, long bad) throws IOException {
        long lsn = reader.nonZero(bad + Frame.ALIGNMENT);
        while (lsn >= 0) {
            Frame frame = reader.header(lsn);
            if (frame != null && reader.payload(frame) != null) {
                return lsn;
            }
            lsn = reader.nonZero(lsn + Frame.ALIGNMENT);
        }
        return -1;
    }

    private void coverUpTo(int index, long from, long to) throws IOException {
        Segment segment = segments.get(index);
        if (to <= segment.limit()) {
            cover(segment, from, to);
        } else {
            insert(from, to);
        }
    }

    private void cover(Segment segment, long from, long to) throws IOException {
        say(from, to);
        write(segment.file, segment.base, segment.salt, from, to);
    }

    /** A file of its own that says that all from there to there is left out. */
    private void insert(long from, long to) throws IOException {
        say(from, to);
        Path file = directory.resolve(Segment.name(from));
        Files.write(file, new byte[0]);
        generation++;
        try (SegmentFile made = new SegmentFile(file)) {
            made.write(Segment.header(repository, from, generation), 0);
            made.force();
        }
        try (Segment begun = Segment.begun(file, from, generation, repository)) {
            if (to > from) {
                write(begun.file, from, begun.salt, from, to);
            }
        }
    }

    private void say(long from, long to) {
        if (to > from) {
            done.add(String.format(
                    Locale.ROOT,
                    "The journal from position %d to %d (%d bytes) could not be read and is left out",
                    from,
                    to,
                    to - from));
        }
    }

    private static void write(SegmentFile file, long base, byte[] salt, long from, long to) throws IOException {
        long lsn = from;
        while (lsn < to) {
            long size = Math.min(to - lsn, COVER_BYTES);
            if (to - lsn - size > 0 && to - lsn - size < Frame.BYTES) {
                // What is left has to hold the header of a record.
                size -= Frame.BYTES;
            }
            ByteBuffer zeroes = ByteBuffer.allocate((int) size - Frame.BYTES);
            ByteBuffer header = ByteBuffer.allocate(Frame.BYTES);
            new Frame(Frame.crc(zeroes), zeroes.remaining(), Journal.LEFT_OUT, lsn, 0).write(header, salt);
            file.write(zeroes, Segment.offset(base, lsn) + Frame.BYTES);
            file.write(header.flip(), Segment.offset(base, lsn));
            lsn += size;
        }
        file.force();
    }

    /** Makes the journal, which has no damage within, reach from {@code applied} or below to {@code applied} or above. */
    private void reach(long applied) throws IOException {
        Recovery found = Recovery.run(directory, repository);
        long head = found.segments().isEmpty() ? applied : found.segments().get(0).base;
        long tail = found.tail();
        for (Segment segment : found.segments()) {
            segment.close();
        }
        if (found.segments().isEmpty()) {
            if (tail != applied) {
                insert(applied, applied);
                done.add("The journal was missing and begins anew");
            }
        } else if (tail < applied) {
            insert(tail, applied);
        } else if (head > applied) {
            insert(applied, head);
        }
    }

    private void close() {
        for (Segment segment : segments) {
            try {
                segment.close();
            } catch (IOException e) {
                throw DiskErrors.of("Repairing the journal in " + directory + " failed", directory, e);
            }
        }
        segments.clear();
    }
}

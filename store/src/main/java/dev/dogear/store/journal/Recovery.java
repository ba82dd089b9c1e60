package dev.dogear.store.journal;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the end of a journal after a crash. The log ends at its first bad record. If a record after that one is good and
 * says that the bad one had been flushed, bytes that were safe have changed since: that is damage and refused.
 * Otherwise what follows was never called durable by anybody, and is cleared so that it cannot come back.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final int BLOCK_BYTES = 4096;

    private final Path directory;
    private final List<Segment> segments = new ArrayList<>();
    private long tail;

    private Recovery(Path directory) {
        this.directory = directory;
    }

    /** Opens what is there; the segments are open until the caller closes them. */
    static Recovery run(Path directory, byte[] repository) throws IOException {
        Recovery recovery = new Recovery(directory);
        try {
            recovery.open(repository);
            recovery.findTail();
            return recovery;
        } catch (IOException | RuntimeException e) {
            for (Segment segment : recovery.segments) {
                segment.close();
            }
            throw e;
        }
    }

    /** In the order of the log, without gaps; empty if the journal never began. */
    List<Segment> segments() {
        return segments;
    }

    long tail() {
        return tail;
    }

    private void open(byte[] repository) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> list = Files.list(directory)) {
            files = list.sorted().toList();
        }
        for (Path file : files) {
            if (!file.toString().endsWith(Segment.SUFFIX)) {
                // Filled ahead of use, or half made: nothing in it.
                Files.deleteIfExists(file);
                continue;
            }
            Segment segment = Segment.open(file, repository);
            if (segment != null) {
                segments.add(segment);
            } else {
                tail = Math.max(tail, Segment.baseOf(file));
                LOG.warn("journal file {} was never begun; deleted", file);
                Files.delete(file);
            }
        }
    }

    private void findTail() throws IOException {
        if (segments.isEmpty()) {
            return;
        }
        for (int i = 0; i < segments.size(); i++) {
            tail = new SegmentReader(segments.get(i)).endOfGood(segments.get(i).base);
            boolean joined = i + 1 < segments.size() && segments.get(i + 1).base == tail;
            if (!joined) {
                cut(i);
                return;
            }
        }
    }

    /** Ends the log at {@link #tail}, which lies in the segment of that index. */
    private void cut(int last) throws IOException {
        for (int i = last; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            Frame good = new SegmentReader(segment).durableAfter(i == last ? tail : segment.base, tail);
            if (good != null) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "The journal is damaged at position " + tail + " (" + segments.get(last).path
                                + ", byte " + segments.get(last).offset(tail)
                                + "): the record there was flushed once and is not readable now, while the one at "
                                + good.lsn()
                                + " is. Restore the folder from a backup, or leave out what is damaged, with the"
                                + " daemon stopped: dogear check --repair");
            }
        }
        boolean deleted = false;
        while (segments.size() > last + 1) {
            Segment segment = segments.remove(segments.size() - 1);
            LOG.warn("journal file {} lies behind the end of the log at {}; deleted", segment.path, tail);
            segment.close();
            Files.delete(segment.path);
            deleted = true;
        }
        if (deleted) {
            DiskErrors.sync(directory);
        }
        clear(segments.get(last));
    }

    /** Zeroes what follows the tail: a whole record among it would come to life when the log has grown up to it again. */
    private void clear(Segment segment) throws IOException {
        SegmentReader reader = new SegmentReader(segment);
        long first = reader.nonZero(tail);
        if (first < 0) {
            return;
        }
        LOG.info("journal {} ends at {}; clearing the bytes behind it", segment.path, tail);
        ByteBuffer zeroes = ByteBuffer.allocateDirect(BLOCK_BYTES);
        for (long lsn = first; lsn >= 0; lsn = reader.nonZero(lsn)) {
            // Only blocks that have bytes: a hole would need space, and the disk may be full.
            long offset = segment.offset(lsn);
            int count = (int) Math.min(BLOCK_BYTES - offset % BLOCK_BYTES, segment.limit() - lsn);
            segment.file.write(zeroes.clear().limit(count), offset);
            lsn += (count + Frame.ALIGNMENT - 1) & -Frame.ALIGNMENT;
        }
        segment.file.force();
    }
}

package dev.dogear.store.journal;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a journal: a header of 64 bytes, then records from the LSN it is named by. Its generation is part of every
 * checksum in it, so what an earlier use of the file left there does not pass for a record.
 *
 * <pre>
 *  0 u64 magic
 *  8 u32 format version
 * 12 u32 zero
 * 16 u8[16] repository id
 * 32 u64 LSN of the first record
 * 40 u64 generation
 * 48 u8[12] zero
 * 60 u32 CRC32C of bytes 0 to 59
 * </pre>
 */
final class Segment implements AutoCloseable {
    static final int HEADER_BYTES = 64;
    static final String SUFFIX = ".log";

    private static final long MAGIC = 0x444f474541524a31L; // DOGEARJ1
    private static final int FORMAT = 1;
    private static final int REPOSITORY_BYTES = 16;

    final Path path;
    final long base;
    final long generation;
    /** What goes into each checksum before the record's own bytes. */
    final byte[] salt;

    final SegmentFile file;
    private final long capacity;
    private volatile boolean retired;

    private Segment(Path path, SegmentFile file, long base, long generation, byte[] repository) throws IOException {
        this.path = path;
        this.file = file;
        this.base = base;
        this.generation = generation;
        this.capacity = Math.max(0, file.size() - HEADER_BYTES);
        this.salt = ByteBuffer.allocate(REPOSITORY_BYTES + Long.BYTES)
                .put(repository)
                .putLong(generation)
                .array();
    }

    /** Names are the base in hexadecimal, so that their order is the order of the log. */
    static String name(long base) {
        return String.format("%016x", base) + SUFFIX;
    }

    static long baseOf(Path path) {
        String name = path.getFileName().toString();
        try {
            return Long.parseUnsignedLong(name.substring(0, name.length() - SUFFIX.length()), 16);
        } catch (NumberFormatException e) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, "The journal folder holds a file that is not its own: " + path, e);
        }
    }

    static ByteBuffer header(byte[] repository, long base, long generation) {
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
        header.putLong(MAGIC)
                .putInt(FORMAT)
                .putInt(0)
                .put(repository)
                .putLong(base)
                .putLong(generation);
        header.putInt(HEADER_BYTES - Integer.BYTES, crc(header));
        return header.rewind();
    }

    /** A segment just made by us, whose header is in its file. */
    static Segment begun(Path path, long base, long generation, byte[] repository) throws IOException {
        return new Segment(path, new SegmentFile(path), base, generation, repository);
    }

    /**
     * Opens a segment found on disk.
     *
     * @return null if its header never reached the disk, so that nothing in it was ever flushed
     */
    static @Nullable Segment open(Path path, byte[] repository) throws IOException {
        SegmentFile file = new SegmentFile(path);
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            int count = file.read(header, 0);
            long base = baseOf(path);
            if (count == HEADER_BYTES && header.getLong(0) == MAGIC && header.getInt(60) == crc(header)) {
                if (header.getInt(8) > FORMAT) {
                    throw new StoreException(
                            StoreException.Kind.NEWER_FORMAT, "The journal was written by a newer Dogear: " + path);
                }
                if (ByteBuffer.wrap(repository).compareTo(header.slice(16, REPOSITORY_BYTES)) != 0) {
                    throw new StoreException(
                            StoreException.Kind.CORRUPT, "The journal file belongs to another repository: " + path);
                }
                if (header.getLong(32) == base) {
                    return new Segment(path, file, base, header.getLong(40), repository);
                }
            } else if (count == HEADER_BYTES && !isZero(header)) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, "The header of a journal file is damaged: " + path);
            }
            file.close();
            return null;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    static long offset(long base, long lsn) {
        return HEADER_BYTES + lsn - base;
    }

    long offset(long lsn) {
        return offset(base, lsn);
    }

    /** The LSN no record of this segment can reach beyond. */
    long limit() {
        return base + capacity;
    }

    /** Bytes of the file. */
    long fileBytes() {
        return HEADER_BYTES + capacity;
    }

    void retire() throws IOException {
        retired = true;
        file.close();
    }

    boolean isRetired() {
        return retired;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static boolean isZero(ByteBuffer header) {
        for (int i = 0; i < HEADER_BYTES; i++) {
            if (header.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.duplicate().position(0).limit(HEADER_BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}

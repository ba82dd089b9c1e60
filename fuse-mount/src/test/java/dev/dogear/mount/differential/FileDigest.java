package dev.dogear.mount.differential;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A file's content as a number: each 4 KiB block that is not all zeros, with its place. Large files are read where
 * SEEK_DATA says there is data, so a hole reported over data shows as a difference.
 */
final class FileDigest {
    private static final int BLOCK = 4096;
    private static final int READ = 64 * BLOCK;
    private static final long READ_WHOLE = 4L << 20;
    private static final int SEEK_SET = 0;
    private static final int SEEK_CUR = 1;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;

    private final CRC32C crc = new CRC32C();
    private final byte[] buffer;
    private final int fd;
    private final long size;

    private FileDigest(int fd, long size) {
        this.fd = fd;
        this.size = size;
        this.buffer = new byte[(int) Math.min(READ, size)];
    }

    /** The digest, or what failed. */
    static String of(int fd, long size) {
        FileDigest digest = new FileDigest(fd, size);
        String failure;
        if (size <= READ_WHOLE) {
            failure = digest.range(0, size);
        } else {
            long position = LibC.calls().lseek(fd, 0, SEEK_CUR);
            failure = digest.segments();
            LibC.calls().lseek(fd, position, SEEK_SET);
        }
        return failure.isEmpty() ? Long.toHexString(digest.crc.getValue()) : failure;
    }

    /**
     * Checks that SEEK_DATA and SEEK_HOLE walk the whole file in order and that what they call a hole reads as zeros.
     * The figures themselves may differ between file systems.
     *
     * @return empty, or what is wrong
     */
    static String checkHoles(int fd, long size) {
        FileDigest digest = new FileDigest(fd, size);
        long at = 0;
        while (at < size) {
            long data = LibC.checked(LibC.calls().lseek(fd, at, SEEK_DATA));
            long holeEnd = data == -ENXIO ? size : data;
            if (holeEnd < at) {
                return "SEEK_DATA from " + at + " gave " + data;
            }
            if (holeEnd - at <= READ_WHOLE && !digest.isZero(at, holeEnd)) {
                return "data in the hole from " + at + " to " + holeEnd;
            }
            if (data == -ENXIO) {
                return "";
            }
            long hole = LibC.checked(LibC.calls().lseek(fd, data, SEEK_HOLE));
            if (hole <= data || hole > size) {
                return "SEEK_HOLE from " + data + " gave " + hole + " of " + size;
            }
            at = hole;
        }
        return "";
    }

    private String segments() {
        // Pages the kernel still holds are unknown to who answers SEEK_DATA.
        LibC.calls().fsync(fd);
        long at = 0;
        while (at < size) {
            long data = LibC.checked(LibC.calls().lseek(fd, at, SEEK_DATA));
            if (data == -ENXIO) {
                return "";
            }
            long hole = data < 0 ? data : LibC.checked(LibC.calls().lseek(fd, data, SEEK_HOLE));
            if (hole <= data) {
                return "seek from " + at + ": " + data + ", " + hole;
            }
            long from = data / BLOCK * BLOCK;
            // Blocks between are the same whoever reports the segment's bounds.
            at = Math.min(size, (hole + BLOCK - 1) / BLOCK * BLOCK);
            String failure = range(from, at);
            if (!failure.isEmpty()) {
                return failure;
            }
        }
        return "";
    }

    private String range(long from, long to) {
        for (long at = from; at < to; ) {
            int length = (int) Math.min(READ, to - at);
            long got = LibC.checked(LibC.calls().pread(fd, buffer, length, at));
            if (got != length) {
                return "read of " + length + " at " + at + " gave " + got;
            }
            for (int i = 0; i < length; i += BLOCK) {
                add(at + i, i, Math.min(BLOCK, length - i));
            }
            at += length;
        }
        return "";
    }

    private void add(long place, int offset, int length) {
        int last = offset + length;
        while (last > offset && buffer[last - 1] == 0) {
            last--;
        }
        if (last > offset) {
            crc.update((place + ":").getBytes(StandardCharsets.US_ASCII));
            crc.update(buffer, offset, last - offset);
        }
    }

    private boolean isZero(long from, long to) {
        crc.reset();
        String failure = range(from, to);
        return failure.isEmpty() && crc.getValue() == 0;
    }
}

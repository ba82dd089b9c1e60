package dev.dogear.store.lmdb;

import dev.dogear.store.DiskErrors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * An environment's data file seen from outside LMDB. LMDB maps it and trusts its length: reading a page behind the end
 * kills the process with SIGBUS, so the length is looked at first.
 */
final class DataFile {
    private static final String NAME = "data.mdb";
    private static final int PAGE_HEADER_BYTES = 16;
    private static final int META_BYTES = 136;
    private static final int MAGIC = 0xBEEFC0DE;
    private static final int VERSION = 1;
    // Within MDB_meta.
    private static final int PAGE_SIZE_AT = 24;
    private static final int LAST_PAGE_AT = 120;
    private static final int TRANSACTION_AT = 128;
    private static final int MIN_PAGE_BYTES = 512;

    private DataFile() {}

    /** @throws dev.dogear.store.StoreException CORRUPT if the file is missing or shorter than its last page needs */
    static void requireWhole(Path directory) {
        Path path = directory.resolve(NAME);
        if (!Files.isRegularFile(path)) {
            throw Errors.corrupt("A table file is missing: " + path + ". Restore the folder from a backup");
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            ByteBuffer first = meta(path, file, 0);
            if (first.getInt(0) != MAGIC || first.getInt(4) != VERSION) {
                throw Errors.corrupt("The table file is not one, or damaged: " + path);
            }
            long pageBytes = Integer.toUnsignedLong(first.getInt(PAGE_SIZE_AT));
            if (pageBytes < MIN_PAGE_BYTES) {
                throw Errors.corrupt("The table file is damaged: " + path);
            }
            ByteBuffer second = meta(path, file, pageBytes);
            ByteBuffer newest = second.getLong(TRANSACTION_AT) > first.getLong(TRANSACTION_AT) ? second : first;
            long needed = (newest.getLong(LAST_PAGE_AT) + 1) * pageBytes;
            if (size < needed) {
                throw Errors.corrupt("The table file is cut short: " + path + " has " + size + " bytes of at least "
                        + needed + ". Restore the folder from a backup");
            }
        } catch (IOException e) {
            throw Errors.of("Opening the tables", directory, e);
        }
    }

    /**
     * Makes the file as long as its last page needs. LMDB may leave out pages at its end that a transaction took and gave
     * back; nobody reads those, but {@link #requireWhole} could not tell.
     */
    static void extend(Path directory, long bytes) throws IOException {
        Path path = directory.resolve(NAME);
        if (Files.size(path) < bytes) {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(bytes);
            }
        }
    }

    /** Cuts off what was only kept ahead of use. Not while it is open. */
    static void trim(Path directory, long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(directory.resolve(NAME), StandardOpenOption.WRITE)) {
            file.truncate(bytes);
        }
    }

    /** Puts the file of {@code other} in the place of that of {@code directory}, both closed, in one durable step. */
    static void replace(Path directory, Path other) throws IOException {
        Files.move(other.resolve(NAME), directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        DiskErrors.sync(directory);
    }

    static long size(Path directory) throws IOException {
        return Files.size(directory.resolve(NAME));
    }

    private static ByteBuffer meta(Path path, FileChannel file, long page) throws IOException {
        ByteBuffer meta = ByteBuffer.allocate(META_BYTES).order(ByteOrder.nativeOrder());
        while (meta.hasRemaining()) {
            if (file.read(meta, page + PAGE_HEADER_BYTES + meta.position()) < 0) {
                throw Errors.corrupt("The table file is cut short before its first data: " + path);
            }
        }
        return meta;
    }
}

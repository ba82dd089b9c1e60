package dev.dogear.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file the next segment will be: its blocks written before they are needed, so that a later fdatasync has no metadata
 * to write. Either filled with zeroes in the background, or a recycled segment as it is.
 */
final class SpareSegment {
    /** A spare is made where there is room for so many. */
    private static final long ROOM = 3;

    private static final Logger LOG = LoggerFactory.getLogger(SpareSegment.class);
    private static final int ZEROES_BYTES = 1 << 20;

    private final Path directory;
    private final Path ready;
    private long readyBytes;
    private boolean filling;
    private volatile boolean closed;
    /** Held while a file is filled. */
    private final ReentrantLock running = new ReentrantLock();

    SpareSegment(Path directory) {
        this.directory = directory;
        this.ready = directory.resolve("spare");
    }

    /** Whether {@link #fill} should be called; answers true to one caller only. */
    synchronized boolean startFilling() {
        if (closed || filling || readyBytes > 0) {
            return false;
        }
        filling = true;
        return true;
    }

    /** Makes the spare; what goes wrong will go wrong again for the one who needs it. */
    void fill(long bytes) {
        running.lock();
        try {
            Path filling = directory.resolve("filling");
            try {
                // Writers need the last space of a disk more than a spare does, even for the moment it takes to fail.
                if (Files.getFileStore(directory).getUsableSpace() >= ROOM * bytes) {
                    writeZeroes(filling, bytes, true);
                    filled(filling, bytes);
                }
            } catch (IOException e) {
                LOG.debug("no spare segment of {} bytes in {}", bytes, directory, e);
            }
            delete(filling);
            synchronized (this) {
                this.filling = false;
            }
        } finally {
            running.unlock();
        }
    }

    private synchronized void filled(Path filling, long bytes) {
        if (!closed && readyBytes == 0 && rename(filling, ready)) {
            readyBytes = bytes;
        }
    }

    /** Takes over the file of a segment nobody needs any more; false if there is a spare already. */
    synchronized boolean offer(Path file, long bytes) {
        if (closed || readyBytes > 0 || !rename(file, ready)) {
            return false;
        }
        readyBytes = bytes;
        return true;
    }

    /** The spare's path if it has at least that size, for the caller to rename and then {@link #taken}. */
    synchronized @Nullable Path take(long bytes) {
        return readyBytes >= bytes ? ready : null;
    }

    /** The spare has become a segment. */
    synchronized void taken() {
        readyBytes = 0;
    }

    /** Makes a file at once, for want of a spare: a small one filled, a large one with holes. */
    Path make(long bytes) throws IOException {
        Path file = directory.resolve("made");
        try {
            writeZeroes(file, bytes, bytes <= ZEROES_BYTES);
            return file;
        } catch (IOException e) {
            delete(file);
            throw e;
        }
    }

    /** Waits for a filling that has begun, which ends soon then: the folder may be about to be deleted. */
    void close() {
        closed = true;
        running.lock();
        try {
            drop();
        } finally {
            running.unlock();
        }
    }

    synchronized void drop() {
        if (readyBytes > 0) {
            delete(ready);
            readyBytes = 0;
        }
    }

    private void writeZeroes(Path file, long bytes, boolean fill) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(ZEROES_BYTES, fill ? bytes : 1));
            for (long at = fill ? 0 : bytes - 1; at < bytes; at += ZEROES_BYTES) {
                if (closed) {
                    throw new IOException("the journal was closed");
                }
                zeroes.clear().limit((int) Math.min(zeroes.capacity(), bytes - at));
                while (zeroes.hasRemaining()) {
                    channel.write(zeroes, at + zeroes.position());
                }
            }
            if (bytes > ZEROES_BYTES && fill) {
                channel.force(true);
            }
        }
    }

    private static boolean rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            LOG.debug("could not rename {}", from, e);
            return false;
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("could not delete {}", file, e);
        }
    }
}

package dev.dogear.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Positional reads and writes that an interrupted thread cannot break: Java closes a channel under a thread that is
 * interrupted, for everybody else too, so the channel is opened again and the transfer repeated.
 */
final class SegmentFile implements AutoCloseable {
    private final Path path;
    private volatile FileChannel channel;
    private volatile boolean closed;

    SegmentFile(Path path) throws IOException {
        this.path = path;
        this.channel = open(path);
    }

    /** Fills the buffer from {@code offset} as far as the file goes; returns the number of bytes. */
    int read(ByteBuffer target, long offset) throws IOException {
        int start = target.position();
        retry(file -> {
            target.position(start);
            while (target.hasRemaining()) {
                int count = file.read(target, offset + target.position() - start);
                if (count < 0) {
                    break;
                }
            }
        });
        return target.position() - start;
    }

    /** Writes all of the buffer; its position is left where it was. */
    void write(ByteBuffer source, long offset) throws IOException {
        retry(file -> {
            ByteBuffer rest = source.duplicate();
            while (rest.hasRemaining()) {
                file.write(rest, offset + rest.position() - source.position());
            }
        });
    }

    /** Writes all buffers behind each other without joining them; for one thread at a time. Positions stay. */
    void gather(ByteBuffer[] sources, long offset) throws IOException {
        retry(file -> {
            ByteBuffer[] rest = new ByteBuffer[sources.length];
            long left = 0;
            for (int i = 0; i < rest.length; i++) {
                rest[i] = sources[i].duplicate();
                left += rest[i].remaining();
            }
            file.position(offset);
            while (left > 0) {
                left -= file.write(rest);
            }
        });
    }

    /** fdatasync: content, and of the metadata what is needed to read it. */
    void force() throws IOException {
        retry(file -> file.force(false));
    }

    long size() throws IOException {
        long[] size = new long[1];
        retry(file -> size[0] = file.size());
        return size[0];
    }

    /** Closes the descriptor until it is needed again. */
    void rest() throws IOException {
        channel.close();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        channel.close();
    }

    private void retry(Transfer transfer) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel file = channel;
                try {
                    transfer.run(file);
                    return;
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    reopen(file);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (channel == broken && !closed) {
            channel = open(path);
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** One attempt on a channel. */
    @FunctionalInterface
    private interface Transfer {
        void run(FileChannel file) throws IOException;
    }
}

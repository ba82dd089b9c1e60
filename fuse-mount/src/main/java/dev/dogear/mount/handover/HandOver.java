package dev.dogear.mount.handover;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The shared memory of a keeper and the daemons that serve its mount one after the other. What was written before a process was
 * killed is there for the next one; nothing of it is on a disk.
 *
 * <p>Written by one daemon at a time. The keeper writes who has which part only: keeper, daemon, spare, epoch.
 */
public final class HandOver implements AutoCloseable {
    private static final long MAGIC = 0x446f_6765_6172_0001L;
    private static final int AT_MAGIC = 0;
    private static final int AT_INSTANCE = 8;
    private static final int AT_EPOCH = 16;
    private static final int AT_READY = 20;
    private static final int AT_MINOR = 24;
    private static final int AT_KERNEL_MINOR = 28;
    private static final int AT_FLAGS = 32;
    private static final int AT_HEARTBEAT = 40;
    private static final int AT_DAEMON = 48;
    private static final int AT_KEEPER = 56;
    private static final int AT_ENDED = 64;
    static final int AT_NODE_LOG = 72;
    private static final int AT_SPARE = 80;
    private static final int AT_SPARE_READY = 88;
    private static final int AT_NOTIFIER = 96;
    private static final int HEADER_BYTES = 4096;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** Bytes of the file before the places of rings; what else there is never comes so far. */
    public static final long RINGS_FROM = 1L << 40;

    private final Path file;
    private final FileChannel channel;
    private final MappedByteBuffer header;
    private @Nullable Slots slots;
    private @Nullable NodeLog nodes;

    /**
     * What an earlier daemon agreed with the kernel, which is asked once in the life of a mount.
     *
     * @param minor 0 if nothing was agreed yet
     */
    public record Agreed(int minor, int kernelMinor, long flags) {}

    private HandOver(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.header = map(channel, 0, HEADER_BYTES);
    }

    /** Opens a new file in memory, empty yet, or one that others have used. */
    public static HandOver open(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                HandOver opened = new HandOver(file, channel);
                opened.begin();
                return opened;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private void begin() {
        if (header.getLong(AT_MAGIC) == 0) {
            header.putLong(AT_INSTANCE, new SecureRandom().nextLong());
            header.putLong(AT_MAGIC, MAGIC);
        } else if (header.getLong(AT_MAGIC) != MAGIC) {
            throw new StoreException(
                    StoreException.Kind.NEWER_FORMAT, "the mount was made by another version; stop it and start anew");
        }
    }

    static MappedByteBuffer map(FileChannel channel, long from, long size) throws IOException {
        MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, from, size);
        mapped.order(ByteOrder.nativeOrder());
        return mapped;
    }

    /** By which name it was opened. */
    public Path file() {
        return file;
    }

    /** The requests being executed. */
    public synchronized Slots slots() {
        Slots opened = slots;
        if (opened == null) {
            try {
                opened = new Slots(channel);
            } catch (IOException e) {
                throw unusable(e);
            }
            slots = opened;
        }
        return opened;
    }

    /** Where the nodes are that the kernel knows. The first call reads what earlier daemons noted. */
    public synchronized NodeLog nodes() {
        NodeLog opened = nodes;
        if (opened == null) {
            try {
                opened = new NodeLog(channel, header);
            } catch (IOException e) {
                throw unusable(e);
            }
            nodes = opened;
        }
        return opened;
    }

    private static StoreException unusable(IOException e) {
        return new StoreException(StoreException.Kind.IO, "the memory shared with the keeper cannot be used", e);
    }

    /** The name of a request in journals: no two requests of any mounts have the same. */
    public long key(long unique) {
        long mixed = (header.getLong(AT_INSTANCE) ^ (unique & Long.MAX_VALUE)) * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8_FEB8_6659_FD93L;
        return mixed ^ mixed >>> 32;
    }

    /** How many daemons have served the mount, this one included. */
    public int epoch() {
        return header.getInt(AT_EPOCH);
    }

    /** The keeper is about to start another daemon. */
    public int nextEpoch() {
        int next = epoch() + 1;
        header.putInt(AT_EPOCH, next);
        return next;
    }

    /** The last epoch whose daemon came to serve. */
    public int readyEpoch() {
        return header.getInt(AT_READY);
    }

    /** The daemon of that epoch serves. */
    public void ready(int epoch) {
        header.putInt(AT_READY, epoch);
    }

    /** What was agreed with the kernel. */
    public Agreed agreed() {
        return new Agreed(header.getInt(AT_MINOR), header.getInt(AT_KERNEL_MINOR), header.getLong(AT_FLAGS));
    }

    /** The kernel was answered so, or is about to be. */
    public void agree(Agreed agreed) {
        header.putLong(AT_FLAGS, agreed.flags());
        header.putInt(AT_KERNEL_MINOR, agreed.kernelMinor());
        header.putInt(AT_MINOR, agreed.minor());
    }

    /** Counts up as long as the daemon is not stuck. */
    public long heartbeat() {
        return header.getLong(AT_HEARTBEAT);
    }

    /** The daemon is not stuck. */
    public void beat() {
        header.putLong(AT_HEARTBEAT, heartbeat() + 1);
    }

    /** The process whose turn it is to serve, or was, 0 if there was none. Its epoch is there before. */
    public long daemon() {
        return (long) LONG.getAcquire(header, AT_DAEMON);
    }

    public void setDaemon(long pid) {
        LONG.setRelease(header, AT_DAEMON, pid);
    }

    /** The process that is to be the next daemon, ready or not; 0 if there is none. */
    public long spare() {
        return header.getLong(AT_SPARE);
    }

    public void setSpare(long pid) {
        header.putLong(AT_SPARE, pid);
    }

    /** Whether that spare waits for its turn. */
    public boolean isSpareReady(long pid) {
        return header.getLong(AT_SPARE_READY) == pid;
    }

    /** That spare waits for its turn. */
    public void spareReady(long pid) {
        header.putLong(AT_SPARE_READY, pid);
    }

    /** The thread that sends notifications to the kernel, of the last daemon that had one; 0 if none had. */
    public long notifier() {
        return header.getLong(AT_NOTIFIER);
    }

    public void setNotifier(long thread) {
        header.putLong(AT_NOTIFIER, thread);
    }

    /** The process of the present keeper. */
    public long keeper() {
        return header.getLong(AT_KEEPER);
    }

    public void setKeeper(long pid) {
        header.putLong(AT_KEEPER, pid);
    }

    /** Whether a keeper has the mount and it, the daemon and the spare are dead: then nobody follows. */
    public boolean isAbandoned() {
        return keeper() != 0
                && !Processes.isAlive(keeper())
                && !Processes.isAlive(daemon())
                && !Processes.isAlive(spare());
    }

    /** Whether a daemon has ended the mount: nobody is to follow it. */
    public boolean isEnded() {
        return header.getInt(AT_ENDED) != 0;
    }

    /** The mount is being ended on purpose, or is gone. */
    public void end() {
        header.putInt(AT_ENDED, 1);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    static ByteBuffer part(ByteBuffer of, int at, int size) {
        return of.slice(at, size).order(ByteOrder.nativeOrder());
    }
}

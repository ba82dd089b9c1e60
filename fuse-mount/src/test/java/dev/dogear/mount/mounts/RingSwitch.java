package dev.dogear.mount.mounts;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Lets the fuse module offer io_uring while a test mounts; afterwards it is as it was. The kernel looks at it only then, and mounts
 * that others make meanwhile do not ask for it. One test of the machine at a time.
 */
public final class RingSwitch implements AutoCloseable {
    private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path LOCK = Path.of("/run/lock/dogear-test-enable-uring");

    private final FileChannel channel;
    private final FileLock lock;
    private final String before;

    private RingSwitch(FileChannel channel, FileLock lock, String before) {
        this.channel = channel;
        this.lock = lock;
        this.before = before;
    }

    /** Whether this kernel has FUSE over io_uring; says so where it has not. */
    public static boolean possible() {
        if (!Files.exists(PARAMETER)) {
            System.out.println("left out: this kernel has no " + PARAMETER);
            return false;
        }
        return true;
    }

    /** Switches it on. */
    public static RingSwitch on() throws IOException {
        FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        RingSwitch on =
                new RingSwitch(channel, lock, Files.readString(PARAMETER).strip());
        Files.writeString(PARAMETER, "Y");
        return on;
    }

    @Override
    public String toString() {
        return PARAMETER + " is Y, and was " + before;
    }

    @Override
    public void close() throws IOException {
        Files.writeString(PARAMETER, before);
        lock.release();
        channel.close();
    }
}

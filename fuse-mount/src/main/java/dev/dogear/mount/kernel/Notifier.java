package dev.dogear.mount.kernel;

import dev.dogear.mount.handover.HandOver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells the kernel what it must forget, on a thread of its own that serves nothing and holds no lock: a notification can wait
 * for write-back to this daemon, or for a lock of a program that waits for it.
 */
public final class Notifier {
    private static final System.Logger LOG = System.getLogger(Notifier.class.getName());
    private static final int ENOENT = 2;
    private static final int ENODEV = 19;
    static final int LONGEST = Wire.OUT_SIZE + Wire.INVAL_INODE_SIZE + Wire.INVAL_ENTRY_SIZE + 256;
    private static final byte[] NO_NAME = {};

    private final int device;
    private final boolean expireOnly;
    private final @Nullable HandOver handOver;
    private final BlockingQueue<Batch> queue = new LinkedBlockingQueue<>();
    private final NativeMemory memory = new NativeMemory(LONGEST);
    private final Thread thread = new Thread(this::run, "dogear-notifier");
    private volatile boolean stopped;

    private record Batch(List<Notice> notices, CompletableFuture<Void> sent) {}

    /** One thing to forget. */
    public static final class Notice {
        private final int code;
        private final long node;
        private final long offset;
        private final byte[] name;

        private Notice(int code, long node, long offset, byte[] name) {
            this.code = code;
            this.node = node;
            this.offset = offset;
            this.name = name;
        }

        /** Content and attributes of a node; dirty pages are written back first. */
        public static Notice content(long node) {
            return new Notice(Wire.NOTIFY_INVAL_INODE, node, 0, NO_NAME);
        }

        /** The attributes of a node alone. */
        public static Notice attributes(long node) {
            return new Notice(Wire.NOTIFY_INVAL_INODE, node, -1, NO_NAME);
        }

        /** What a name in a directory means: it is looked up again at its next use, nothing is detached where the kernel can. */
        public static Notice name(long directory, byte[] name) {
            return new Notice(Wire.NOTIFY_INVAL_ENTRY, directory, 0, name.clone());
        }

        /** The node, or the directory of a name. */
        public long node() {
            return node;
        }

        /** The bytes of a name. */
        byte[] text() {
            return name.clone();
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Notice other
                    && code == other.code
                    && node == other.node
                    && offset == other.offset
                    && Arrays.equals(name, other.name);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(node) * 31 + Arrays.hashCode(name);
        }

        /** Puts the whole message, header and all, and gives its length. */
        int put(ByteBuffer to, boolean expireOnly) {
            int at = Wire.OUT_SIZE;
            to.putInt(Wire.OUT_ERROR, code);
            to.putLong(Wire.OUT_UNIQUE, 0);
            to.putLong(at, node);
            if (code == Wire.NOTIFY_INVAL_INODE) {
                to.putLong(at + 8, offset);
                to.putLong(at + 16, 0);
                at += Wire.INVAL_INODE_SIZE;
            } else {
                to.putInt(at + 8, name.length);
                to.putInt(at + 12, expireOnly ? Wire.EXPIRE_ONLY : 0);
                at += Wire.INVAL_ENTRY_SIZE;
                to.put(at, name);
                to.put(at + name.length, (byte) 0);
                at += name.length + 1;
            }
            to.putInt(Wire.OUT_LENGTH, at);
            return at;
        }
    }

    /** @param handOver where to say which thread may hang in the kernel; null without a keeper */
    Notifier(int device, boolean expireOnly, @Nullable HandOver handOver) {
        this.device = device;
        this.expireOnly = expireOnly;
        this.handOver = handOver;
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends them in order; the answer completes when the last was sent. A node or name the kernel does not have is fine. */
    public CompletableFuture<Void> send(List<Notice> notices) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        queue.add(new Batch(List.copyOf(notices), sent));
        return sent;
    }

    void stop() {
        stopped = true;
        thread.interrupt();
    }

    private void run() {
        if (handOver != null) {
            handOver.setNotifier(ownThread());
        }
        while (!stopped) {
            try {
                Batch batch = queue.take();
                batch.notices().forEach(this::write);
                batch.sent().complete(null);
            } catch (InterruptedException e) {
                break; // only stop() does this
            }
        }
        for (Batch left : queue) {
            left.sent().complete(null); // the connection has ended: nobody remembers anything
        }
    }

    /** As the kernel counts threads; 0 if it does not say. */
    private static long ownThread() {
        try {
            return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                    .getFileName()
                    .toString());
        } catch (IOException e) {
            return 0;
        }
    }

    private void write(Notice notice) {
        int length = notice.put(memory.buffer(), expireOnly);
        long result = LibC.write(device, memory.address(), length);
        if (result < 0 && result != -ENOENT && result != -ENODEV) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the kernel refused to forget node {0}: errno {1}",
                    Long.toHexString(notice.node),
                    -result);
        }
    }
}

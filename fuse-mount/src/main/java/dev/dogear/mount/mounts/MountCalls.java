package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.tree.Timestamp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls into our own mount, made by the helper process; a new one is started when the last has gone or no longer answers.
 */
final class MountCalls implements AutoCloseable {
    private static final Duration PUSH = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofSeconds(20);

    private final Path mountpoint;
    private final @Nullable Path memory;
    private final PushedCalls pushed;
    private @Nullable PushProcess helper;
    private boolean closed;

    /**
     * What the kernel shall know of a file.
     *
     * @param size or {@link PushWire#SAME_SIZE}
     * @param writable whether somebody can write to it, so that the kernel may have pages we do not know of
     */
    record Fresh(long node, long size, Timestamp mtime, boolean writable) {}

    /** @param handOver of a mount that is kept */
    MountCalls(Path mountpoint, @Nullable HandOver handOver, PushedCalls pushed) {
        this.mountpoint = mountpoint;
        this.memory = handOver == null ? null : openByOthers(handOver.file());
        this.pushed = pushed;
    }

    private static Path openByOthers(Path ownDescriptor) {
        String process = Long.toString(ProcessHandle.current().pid());
        return Path.of("/proc", process, "fd").resolve(ownDescriptor.getFileName());
    }

    /** Starts the helper ahead of its first call. */
    synchronized void warmUp() {
        if (!closed && helper == null) {
            helper = PushProcess.start(mountpoint, memory, pushed);
        }
    }

    void fsync(long[] nodes) {
        call(
                PushWire.FSYNC,
                out -> {
                    out.writeInt(nodes.length);
                    for (long node : nodes) {
                        out.writeLong(node);
                    }
                },
                PUSH,
                "pushing the writes of open files failed");
    }

    void refresh(List<Fresh> files) {
        call(
                PushWire.REFRESH,
                out -> {
                    out.writeInt(files.size());
                    for (Fresh file : files) {
                        out.writeLong(file.node());
                        out.writeLong(file.size());
                        out.writeLong(file.mtime().seconds());
                        out.writeLong(file.mtime().nanos());
                        out.writeLong(file.writable() ? 1 : 0);
                    }
                },
                PUSH,
                "telling the kernel of changed files failed");
    }

    void bind(List<String> names, Path target, boolean readOnly) {
        call(
                PushWire.BIND,
                out -> {
                    out.writeInt(names.size());
                    for (String name : names) {
                        out.writeUTF(name);
                    }
                    out.writeUTF(target.toString());
                    out.writeBoolean(readOnly);
                },
                SHORT,
                "mounting a volume on " + target + " failed");
    }

    void unbind(Path target) {
        call(PushWire.UNBIND, out -> out.writeUTF(target.toString()), SHORT, "unmounting " + target + " failed");
    }

    /** The last call: the helper has let go of the mount then. */
    void unmount() {
        call(PushWire.UNMOUNT, out -> {}, SHORT, "unmounting " + mountpoint + " failed");
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (helper != null) {
            helper.end();
        }
    }

    private void call(byte command, PushProcess.Body body, Duration atMost, String what) {
        PushProcess current = current();
        try {
            current.call(command, body, atMost, what);
        } catch (StoreException e) {
            if (e.getCause() != null) {
                discard(current); // no answer came: the next call gets a fresh one
            }
            throw e;
        }
    }

    private synchronized PushProcess current() {
        if (closed) {
            throw new StoreException(StoreException.Kind.STALE, "the store is no longer mounted on " + mountpoint);
        }
        PushProcess current = helper;
        if (current == null || !current.isAlive()) {
            current = PushProcess.start(mountpoint, memory, pushed);
            helper = current;
        }
        return current;
    }

    private synchronized void discard(PushProcess failed) {
        if (helper == failed && !closed) {
            failed.kill();
            helper = PushProcess.start(mountpoint, memory, pushed);
        }
    }
}

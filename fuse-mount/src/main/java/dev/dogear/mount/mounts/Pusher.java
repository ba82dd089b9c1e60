package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.LibC;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The helper process (main): makes the calls into our own mount that the daemon must not make, since a thread inside a mount its own
 * process serves cannot be killed. Holds no device, store or lock descriptor, and nobody waits for its end. When its input ends it sees
 * to the mount, if nobody else is left who could, and ends.
 */
public final class Pusher {
    private static final int PUSHING = 4;
    private static final int REFRESHING = 2;
    private static final int REFRESHED_FIELDS = 5;

    private final AbandonedMount mount;
    private final String mountpoint;
    private final int root;
    private final DataOutputStream out;
    private final List<Integer> pushingThreads = new ArrayList<>();
    private final List<Integer> refreshingThreads = new ArrayList<>();
    private final ExecutorService pushing = threads(PUSHING, pushingThreads);
    private final ExecutorService refreshing = threads(REFRESHING, refreshingThreads);
    private final ExecutorService waiting = Executors.newCachedThreadPool(Pusher::daemonThread);

    /** A piece of a command, on a thread of the right kind. @return errno or 0 */
    private interface Piece {
        int run(NodeAccess access, int index) throws Exception;
    }

    private Pusher(AbandonedMount mount, String mountpoint, int root, DataOutputStream out) {
        this.mount = mount;
        this.mountpoint = mountpoint;
        this.root = root;
        this.out = out;
    }

    /** @param arguments the mount point, and of a kept one the file in memory of its keeper */
    public static void main(String[] arguments) throws IOException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        AbandonedMount mount = new AbandonedMount(Path.of(arguments[0]));
        if (arguments.length > 1) {
            watch(mount, Path.of(arguments[1]));
        }
        int root = LibC.openAt(LibC.AT_FDCWD, arguments[0], LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        Pusher pusher = new Pusher(mount, arguments[0], root, out);
        pusher.hello();
        try {
            pusher.serve(new DataInputStream(new BufferedInputStream(System.in)));
        } catch (EOFException e) {
            // the daemon is gone or has no more use for us
            mount.end();
        }
        Runtime.getRuntime().halt(0); // threads that hang in the mount are left behind
    }

    private static void watch(AbandonedMount mount, Path memory) {
        try {
            HandOver handOver = HandOver.open(memory);
            daemonThread(() -> mount.watch(handOver)).start();
        } catch (StoreException e) {
            System.err.println("dogear: the helper came after the death of its daemon: " + e.getMessage());
        }
    }

    private void hello() throws IOException {
        synchronized (out) {
            out.writeInt(0);
            out.writeInt(root < 0 ? -root : 0);
            out.writeUTF("");
            writeThreads(pushingThreads);
            writeThreads(refreshingThreads);
            out.flush();
        }
    }

    private void writeThreads(List<Integer> threads) throws IOException {
        out.writeInt(threads.size());
        for (int thread : threads) {
            out.writeInt(thread);
        }
    }

    private void serve(DataInputStream in) throws IOException {
        while (true) {
            int id = in.readInt();
            byte command = in.readByte();
            switch (command) {
                case PushWire.FSYNC -> fsync(id, in);
                case PushWire.REFRESH -> refresh(id, in);
                case PushWire.BIND -> bind(id, in);
                case PushWire.UNBIND -> {
                    String target = in.readUTF();
                    start(id, pushing, 1, (access, index) -> VolumeBinding.unmount(target));
                }
                case PushWire.UNMOUNT -> start(id, pushing, 1, (access, index) -> unmount());
                default -> throw new IOException("no command " + command);
            }
        }
    }

    private void fsync(int id, DataInputStream in) throws IOException {
        long[] nodes = new long[in.readInt()];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = in.readLong();
        }
        start(id, pushing, nodes.length, (access, index) -> access.fsync(nodes[index]));
    }

    private void refresh(int id, DataInputStream in) throws IOException {
        int count = in.readInt();
        long[] fields = new long[count * REFRESHED_FIELDS];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = in.readLong();
        }
        start(id, refreshing, count, (access, index) -> {
            int at = index * REFRESHED_FIELDS;
            if (fields[at + 4] != 0 && fields[at + 1] != PushWire.SAME_SIZE) {
                // What was written since the change lies in pages that the truncation takes away.
                int error = access.fsync(fields[at]);
                if (error != 0) {
                    return error;
                }
            }
            return access.refresh(fields[at], fields[at + 1], fields[at + 2], fields[at + 3]);
        });
    }

    private void bind(int id, DataInputStream in) throws IOException {
        List<String> names = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            names.add(in.readUTF());
        }
        String target = in.readUTF();
        boolean readOnly = in.readBoolean();
        start(id, pushing, 1, (access, index) -> {
            Path directory = Mountpoint.prepare(Path.of(target));
            if (directory.startsWith(mountpoint)) {
                throw new StoreException(Kind.INVALID, "a volume cannot be mounted inside the mount: " + target);
            }
            return new VolumeBinding().bind(root, names, directory.toString(), readOnly);
        });
    }

    private int unmount() {
        LibC.close(root);
        mount.letGo();
        return VolumeBinding.unmount(mountpoint);
    }

    /** Spreads the pieces over the threads and answers when all are done, with the first error there was. */
    private void start(int id, ExecutorService threads, int pieces, Piece piece) {
        int parts = Math.min(pieces, threads == pushing ? PUSHING : REFRESHING);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger error = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            running.add(threads.submit(() -> {
                NodeAccess access = new NodeAccess(root);
                for (int index = next.getAndIncrement(); index < pieces; index = next.getAndIncrement()) {
                    int result = piece.run(access, index);
                    if (result != 0) {
                        error.compareAndSet(0, result);
                    }
                }
                return null;
            }));
        }
        waiting.execute(() -> answer(id, running, error));
    }

    private void answer(int id, List<Future<?>> running, AtomicInteger error) {
        int errno = error.get();
        String text = "";
        try {
            for (Future<?> part : running) {
                part.get();
            }
            errno = error.get();
        } catch (InterruptedException | ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            errno = cause instanceof StoreException refused ? PushWire.errnoOf(refused.kind()) : PushWire.EIO;
            text = String.valueOf(cause.getMessage());
        }
        synchronized (out) {
            try {
                out.writeInt(id);
                out.writeInt(errno);
                out.writeUTF(text);
                out.flush();
            } catch (IOException e) {
                Runtime.getRuntime().halt(1); // nobody listens any more
            }
        }
    }

    /** Threads that live as long as the process and are known by their ids, which the kernel puts into requests. */
    private static ExecutorService threads(int count, List<Integer> ids) {
        ExecutorService pool = Executors.newFixedThreadPool(count, Pusher::daemonThread);
        CyclicBarrier allRun = new CyclicBarrier(count);
        List<Future<Integer>> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            started.add(pool.submit(() -> {
                allRun.await();
                Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
                return Integer.valueOf(self.getFileName().toString());
            }));
        }
        try {
            for (Future<Integer> thread : started) {
                ids.add(thread.get());
            }
        } catch (Exception e) {
            throw new IllegalStateException("the helper's threads did not start", e);
        }
        return pool;
    }

    private static Thread daemonThread(Runnable work) {
        Thread thread = new Thread(work, "dogear-pusher");
        thread.setDaemon(true);
        return thread;
    }
}

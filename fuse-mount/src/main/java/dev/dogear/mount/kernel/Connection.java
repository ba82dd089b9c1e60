package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.WouldWaitException;
import dev.dogear.store.StoreException;
import dev.dogear.store.workspace.Errno;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One conversation with the kernel over one {@code /dev/fuse} descriptor: readers that never wait, workers that do, a notifier.
 * It ends when the mount is gone. Owns the descriptor, which has O_CLOEXEC and is never cloned: requests read through a clone
 * would die with the process.
 */
public final class Connection implements AutoCloseable {
    /** What a request or an answer takes at most. */
    static final int BUFFER_SIZE = Negotiation.MAX_WRITE + 4096;

    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    private static final int READERS = 2;
    private static final int WORKERS = 16;
    private static final int ENOENT = 2;
    private static final int EAGAIN = 11;
    private static final int ENODEV = 19;

    private final int device;
    private final FileSystemCalls calls;
    private final PushedCalls pushed = new PushedCalls();
    private final ShownNames shown = new ShownNames();
    private final RequestCounts counts = new RequestCounts();
    private final Parking parking = new Parking(WORKERS);
    private final Dispatcher dispatcher;
    private final CompletableFuture<Started> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicInteger readersLeft = new AtomicInteger(READERS);
    private final List<Thread> readers = new ArrayList<>();

    private record Started(Negotiation negotiation, Notifier notifier) {}

    /**
     * Takes over the descriptor of a mount and begins to serve it.
     *
     * @param highestMinor of the protocol; lower than {@link Negotiation#NEWEST_MINOR} to play an older kernel
     */
    public Connection(int device, FileSystemCalls calls, InstantSource clock, int highestMinor) {
        LibC.preload();
        this.device = device;
        this.calls = calls;
        this.dispatcher = new Dispatcher(
                new Dispatcher.Parts(calls, pushed, shown, clock, highestMinor, this::forgetAttributes),
                new Dispatcher.Later() {
                    @Override
                    public void answer(long unique, CompletableFuture<Void> done, String request) {
                        answerLater(unique, done, request);
                    }

                    @Override
                    public void afterPush(Request request) {
                        pushFirst(request);
                    }
                },
                this::init);
        for (int i = 0; i < READERS; i++) {
            Thread reader = new Thread(this::read, "dogear-reader-" + i);
            reader.setDaemon(true);
            readers.add(reader);
        }
    }

    /** Starts the readers. */
    public void start() {
        readers.forEach(Thread::start);
    }

    /** Waits for INIT and says what was agreed. */
    public Negotiation negotiation(Duration atMost) {
        return started(atMost).negotiation();
    }

    /** Tells the kernel what to forget. */
    public Notifier notifier() {
        return started(Duration.ofSeconds(10)).notifier();
    }

    /** The calls of the helper process. */
    public PushedCalls pushed() {
        return pushed;
    }

    /** Names above bookmarks that the kernel knows. */
    public ShownNames shown() {
        return shown;
    }

    /** Figures. */
    public RequestCounts counts() {
        return counts;
    }

    /** Completes when the mount is gone, whoever unmounted it. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** Gives the descriptor up. With the mount still there every program using it gets errors: unmount first. */
    @Override
    public void close() {
        if (ended.isDone()) {
            return; // the last reader has given it up
        }
        abandon();
    }

    private Started started(Duration atMost) {
        try {
            return started.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.IO, "interrupted while the mount was starting", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException(StoreException.Kind.IO, "the kernel did not begin to use the mount", e);
        }
    }

    private void init(Negotiation agreed) {
        boolean expireOnly = agreed.has(Negotiation.Capability.HAS_EXPIRE_ONLY);
        started.complete(new Started(agreed, new Notifier(device, expireOnly)));
    }

    private void read() {
        NativeMemory memory = new NativeMemory(BUFFER_SIZE);
        Request request = new Request(memory);
        Reply reply = new Reply(new NativeMemory(BUFFER_SIZE));
        while (true) {
            long length = LibC.read(device, memory.address(), memory.size());
            if (length >= Wire.IN_SIZE) {
                serve(request, reply);
            } else if (length != -LibC.EINTR && length != -EAGAIN && length != -ENOENT) {
                if (length != -ENODEV && length != -LibC.ENOTCONN && length != -LibC.ECONNABORTED) {
                    LOG.log(System.Logger.Level.ERROR, "reading /dev/fuse failed: errno {0}", -length);
                }
                break;
            }
        }
        if (readersLeft.decrementAndGet() == 0) {
            abandon();
        }
    }

    private void serve(Request request, Reply reply) {
        counts.add(request.opcode());
        try {
            if (dispatcher.handle(request, reply, false)) {
                send(reply);
            }
        } catch (WouldWaitException e) {
            park(request);
        }
    }

    private void park(Request request) {
        counts.addParked();
        Request parked = request.copyTo(parking.take(request.length()));
        parking.add(reply -> {
            try {
                if (dispatcher.handle(parked, reply, true)) {
                    send(reply);
                }
            } finally {
                parking.giveBack(parked.memory());
            }
        });
    }

    /** The answer is written by a worker, since whoever completes an fsync has others to complete. */
    private void answerLater(long unique, CompletableFuture<Void> done, String request) {
        var unused = done.whenComplete((nothing, error) -> parking.add(reply -> {
            reply.begin(unique);
            if (error != null) {
                reply.fail(Errors.errnoOf(error, request));
            }
            send(reply);
        }));
    }

    /** No worker waits for the push: it may need workers itself. Nor is the stock of memory used, for the same reason. */
    private void pushFirst(Request request) {
        Request again = request.copyTo(new NativeMemory(request.length()));
        again.setPushed();
        var unused = notifier()
                .send(List.of(Notifier.Notice.content(again.node())))
                .whenComplete((nothing, error) -> parking.add(reply -> {
                    if (dispatcher.handle(again, reply, true)) {
                        send(reply);
                    }
                }));
    }

    private void send(Reply reply) {
        int length = reply.finish();
        long written = LibC.write(device, reply.address(), length);
        if (written == length) {
            return;
        }
        reply.takeBack(calls);
        if (written != -ENOENT && written != -ENODEV && written != -LibC.ENOTCONN && written != -LibC.ECONNABORTED) {
            LOG.log(System.Logger.Level.ERROR, "an answer of {0} bytes was refused: errno {1}", length, -written);
            reply.fail(Errno.EIO.number());
            LibC.write(device, reply.address(), reply.finish());
        }
    }

    /** On the caller's thread: nothing waits for pages here, and an inode in use is not being evicted. */
    private void forgetAttributes(long node) {
        NativeMemory memory = new NativeMemory(Notifier.LONGEST);
        try {
            int length = Notifier.Notice.attributes(node).put(memory.buffer(), false);
            LibC.write(device, memory.address(), length);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** A late answer or notification must not reach whatever gets the descriptor's number next. */
    private void abandon() {
        if (ended.complete(null)) {
            parking.stop();
            if (started.isDone() && !started.isCompletedExceptionally()) {
                started.join().notifier().stop();
            }
            started.completeExceptionally(new IllegalStateException("the mount is gone"));
            LibC.becomeNull(device);
        }
    }
}

package dev.dogear.mount.kernel;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Slots;
import dev.dogear.mount.uring.Entry;
import dev.dogear.mount.uring.Rings;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.WouldWaitException;
import dev.dogear.store.StoreException;
import dev.dogear.store.workspace.Errno;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with the kernel over one {@code /dev/fuse} descriptor: readers that never wait, workers that do, a notifier.
 * It ends when the mount is gone. Owns the descriptor, which has O_CLOEXEC and is never cloned: requests read through a clone
 * would die with the process.
 */
public final class Connection implements AutoCloseable {
    /** What a request or an answer takes at most. */
    static final int BUFFER_SIZE = Negotiation.MAX_WRITE + 4096;

    /** Requests come by the device, since nothing else was asked for or agreed. */
    public static final int NO_RINGS = -1;

    private static final System.Logger LOG = System.getLogger(Connection.class.getName());
    private static final int READERS = 2;
    private static final int WORKERS = 16;
    private static final long INHERITED_SECONDS = 30;
    private static final int ENOENT = 2;
    private static final int EAGAIN = 11;
    private static final int ENODEV = 19;

    private final int device;
    private final FileSystemCalls calls;
    private final PushedCalls pushed = new PushedCalls();
    private final ShownNames shown = new ShownNames();
    private final RequestCounts counts = new RequestCounts();
    private final @Nullable HandOver handOver;
    private final @Nullable Rings rings;

    /** Requests in places of rings that wait for the kernel to push pages. */
    private final AtomicInteger pushedForRings = new AtomicInteger();

    private final Parking parking;
    private final Dispatcher dispatcher;
    private final CompletableFuture<Started> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> ringsStarted = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicInteger readersLeft = new AtomicInteger(READERS);
    private final List<Thread> readers = new ArrayList<>();
    private CountDownLatch inheritedLeft = new CountDownLatch(0);

    private record Started(Negotiation negotiation, Notifier notifier) {}

    /**
     * Takes over the descriptor of a mount and begins to serve it.
     *
     * @param highestMinor of the protocol; lower than {@link Negotiation#NEWEST_MINOR} to play an older kernel
     * @param handOver what earlier daemons left, and this one leaves; null without a keeper
     * @param rings how requests are to come, if the kernel agrees; null if by the device. Closed with this
     */
    public Connection(
            int device,
            FileSystemCalls calls,
            InstantSource clock,
            int highestMinor,
            @Nullable HandOver handOver,
            @Nullable Rings rings) {
        LibC.preload();
        this.rings = rings;
        this.device = device;
        this.calls = calls;
        this.handOver = handOver;
        this.parking = new Parking(WORKERS, handOver == null ? null : handOver.slots());
        this.dispatcher = new Dispatcher(
                new Dispatcher.Parts(
                        calls,
                        pushed,
                        shown,
                        clock,
                        new Negotiation.Wish(highestMinor, rings != null),
                        this::forgetAttributes),
                new Dispatcher.Later() {
                    @Override
                    public <T> void answer(Request request, CompletableFuture<T> done, BiConsumer<Reply, T> success) {
                        answerLater(request, done, success);
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

    /** Starts the readers. What earlier daemons were asked and had not answered is answered before. */
    public void start() {
        if (handOver != null) {
            takeOver(handOver);
        }
        readers.forEach(Thread::start);
    }

    /**
     * Answers what is left in the slots; what is not, though the kernel waits for it, is asked again where it can be. That
     * comes before the first reader starts, since later the kernel would ask for what a reader has in hand, too.
     */
    private void takeOver(HandOver from) {
        HandOver.Agreed agreed = from.agreed();
        boolean goesOn = agreed.minor() != 0;
        if (goesOn) {
            begin(new Negotiation(agreed.minor(), agreed.kernelMinor(), agreed.flags()));
        }
        calls.recall().inheritedNames().forEach(name -> shown.restore(name.level(), name.name(), name.node()));
        shown.onNew((notice, node) -> from.nodes().shown(notice.node(), notice.text(), node));
        answerInherited(from.slots().taken());
        if (started.isDone() && negotiation(Duration.ZERO).has(Negotiation.Capability.HAS_RESEND)) {
            resend();
        }
        if (goesOn) {
            if (rings != null) {
                answerInheritedEntries(rings.inherited());
            }
            startRings();
        }
    }

    private void answerInherited(List<Slots.Slot> taken) {
        Map<Long, Slots.Slot> requests = new HashMap<>();
        for (Slots.Slot slot : taken) {
            // Twice if death came while it was parked: the copy that was executed counts.
            requests.merge(slot.unique(), slot, (one, other) -> one.isExecuted() ? one : other);
        }
        // Now, while each slot still says whose it is: a slot that was answered is free for others at once.
        List<Slots.Slot> copies = new ArrayList<>(taken);
        copies.removeAll(requests.values());
        inheritedLeft = new CountDownLatch(requests.size());
        for (Slots.Slot slot : requests.values()) {
            Repeats.Outcome outcome = slot.isExecuted() ? new Repeats.Outcome(slot.errno(), slot.count()) : null;
            parking.add(own -> answerInherited(new Request(new NativeMemory(slot), handOver), own, outcome));
        }
        awaitInherited();
        for (Slots.Slot slot : copies) {
            slot.clear();
            parking.giveBack(new NativeMemory(slot));
        }
    }

    private void awaitInherited() {
        try {
            if (!inheritedLeft.await(INHERITED_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.ERROR, "{0} inherited requests hang", inheritedLeft.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What an earlier daemon took from rings and has no answer for; the answers are submitted when the rings start. */
    private void answerInheritedEntries(List<Entry> taken) {
        inheritedLeft = new CountDownLatch(taken.size());
        for (Entry entry : taken) {
            Repeats.Outcome outcome = entry.isExecuted() ? new Repeats.Outcome(entry.errno(), entry.count()) : null;
            parking.add(own -> answerInherited(new Request(entry, handOver), own, outcome));
        }
        awaitInherited();
    }

    private void answerInherited(Request request, Reply own, Repeats.@Nullable Outcome outcome) {
        Reply reply = request.replyOr(own);
        try {
            if (dispatcher.handleInherited(request, reply, outcome)) {
                answer(request, reply);
            }
        } finally {
            giveBack(request);
            inheritedLeft.countDown();
        }
    }

    private void resend() {
        NativeMemory memory = new NativeMemory(Wire.OUT_SIZE);
        try {
            memory.buffer().putInt(Wire.OUT_LENGTH, Wire.OUT_SIZE);
            memory.buffer().putInt(Wire.OUT_ERROR, Wire.NOTIFY_RESEND);
            memory.buffer().putLong(Wire.OUT_UNIQUE, 0);
            long result = LibC.write(device, memory.address(), Wire.OUT_SIZE);
            if (result < 0) {
                LOG.log(System.Logger.Level.ERROR, "the kernel does not ask again: errno {0}", -result);
            }
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** Waits for INIT and says what was agreed. */
    public Negotiation negotiation(Duration atMost) {
        return started(atMost).negotiation();
    }

    /** How requests come: 0 if by rings, {@link #NO_RINGS} if by the device, an errno if so because rings failed. */
    public int rings(Duration atMost) {
        return await(ringsStarted, atMost);
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
        return await(started, atMost);
    }

    private static <T> T await(CompletableFuture<T> future, Duration atMost) {
        try {
            return future.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.IO, "interrupted while the mount was starting", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException(StoreException.Kind.IO, "the kernel did not begin to use the mount", e);
        }
    }

    private void init(Negotiation agreed) {
        if (handOver != null) {
            handOver.agree(new HandOver.Agreed(agreed.minor(), agreed.kernelMinor(), agreed.flags()));
        }
        begin(agreed);
    }

    private void begin(Negotiation agreed) {
        boolean expireOnly = agreed.has(Negotiation.Capability.HAS_EXPIRE_ONLY);
        started.complete(new Started(agreed, new Notifier(device, expireOnly, handOver)));
    }

    private void read() {
        NativeMemory memory = parking.takeForReader();
        Request request = new Request(memory, handOver);
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

    private void serve(Request request, Reply own) {
        Reply reply = request.replyOr(own);
        counts.add(request.opcode());
        request.came();
        try {
            if (dispatcher.handle(request, reply, false)) {
                answer(request, reply);
            }
        } catch (WouldWaitException e) {
            park(request);
        } finally {
            request.clear();
        }
    }

    private void park(Request request) {
        counts.addParked();
        Request parked = keep(request);
        parking.add(own -> handleKept(parked, own, () -> giveBack(parked)));
    }

    /** What came by a ring has its place until it is answered; a reader's memory is for the next request. */
    private Request keep(Request request) {
        return request.entry() != null ? request : request.copyTo(parking.take(request.length()));
    }

    private void giveBack(Request kept) {
        kept.clear();
        if (kept.entry() == null) {
            parking.giveBack(kept.memory());
        }
    }

    private void handleKept(Request kept, Reply own, Runnable end) {
        try {
            Reply reply = kept.replyOr(own);
            if (dispatcher.handle(kept, reply, true)) {
                answer(kept, reply);
            }
        } finally {
            end.run();
        }
    }

    /** The answer is written by a worker, since whoever completes an fsync has others to complete. */
    private <T> void answerLater(Request request, CompletableFuture<T> done, BiConsumer<Reply, T> success) {
        Request waiting = keep(request);
        var unused = done.whenComplete((result, error) -> parking.add(own -> {
            Reply reply = waiting.replyOr(own);
            reply.begin(waiting.unique());
            if (error != null) {
                reply.fail(Errors.errnoOf(error, waiting.toString()));
            } else {
                success.accept(reply, result);
            }
            answer(waiting, reply);
            giveBack(waiting);
        }));
    }

    /**
     * No worker waits for the push: it may need workers itself. Nor must any number of these take the memory that readers need,
     * so with much of it in use they wait in memory of their own; a successor knows nothing of those, and relies on the kernel to ask again.
     * What came by a ring cannot leave its place, without which the kernel cannot push: with half of them taken so, the next is refused.
     */
    private void pushFirst(Request request) {
        if (request.entry() != null && rings != null) {
            pushForRing(request, rings.waitingMax());
            return;
        }
        NativeMemory taken = parking.takeIfPlenty(request.length());
        Request again = request.copyTo(taken == null ? new NativeMemory(request.length()) : taken);
        handlePushed(again, () -> {
            again.clear();
            if (taken != null) {
                parking.giveBack(taken);
            }
        });
    }

    private void pushForRing(Request request, int most) {
        if (pushedForRings.incrementAndGet() <= most) {
            handlePushed(request, pushedForRings::decrementAndGet);
            return;
        }
        pushedForRings.decrementAndGet();
        parking.add(own -> {
            Reply reply = request.replyOr(own);
            reply.begin(request.unique());
            reply.fail(Errno.EAGAIN.number());
            send(request, reply);
        });
    }

    private void handlePushed(Request again, Runnable end) {
        again.setPushed();
        var unused = notifier()
                .send(List.of(Notifier.Notice.content(again.node())))
                .whenComplete((nothing, error) -> parking.add(own -> handleKept(again, own, end)));
    }

    private void answer(Request request, Reply reply) {
        boolean begins = request.opcode() == Opcode.INIT && reply.errno() == 0;
        request.executed(reply.errno(), Repeats.countOf(request, reply));
        send(request, reply);
        if (begins) {
            startRings();
        }
    }

    private void send(Request request, Reply reply) {
        counts.answered(request.opcode(), request.cameNanos());
        int length = reply.finish();
        Entry entry = request.entry();
        if (entry != null && rings != null) {
            rings.answer(entry, reply.buffer(), length);
            return;
        }
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

    /** After INIT, since the kernel takes rings from then on; every program waits for them if they were agreed. */
    private void startRings() {
        if (rings == null || !negotiation(Duration.ZERO).has(Negotiation.Capability.OVER_IO_URING)) {
            ringsStarted.complete(NO_RINGS);
            return;
        }
        Supplier<Rings.Taker> takers = () -> {
            Reply own = new Reply(new NativeMemory(BUFFER_SIZE));
            return entry -> serve(new Request(entry, handOver), own);
        };
        var unused = rings.start(takers).thenAccept(ringsStarted::complete);
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
            ringsStarted.complete(NO_RINGS);
            if (rings != null) {
                rings.close();
            }
            LibC.becomeNull(device);
        }
    }
}

package dev.dogear.mount.uring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A thread with a ring, for some of the queues. It alone submits: the kernel copies a request to memory on the submitter's time. */
final class RingThread {
    private static final System.Logger LOG = System.getLogger(RingThread.class.getName());
    private static final int REGISTER = 1;
    private static final int COMMIT_AND_FETCH = 2;
    private static final int AT_A_TIME = 256;
    private static final int PARTS = 2;
    private static final int ENOENT = 2;
    private static final int ENOTCONN = 107;
    private static final int ECONNABORTED = 103;
    private static final int EVENT_SIZE = 8;
    private static final long WOKEN = -1;

    private final int device;
    private final Ring ring;
    private final int event;
    private final ByteBuffer eventMemory =
            ByteBuffer.allocateDirect(2 * EVENT_SIZE).order(ByteOrder.nativeOrder());
    private final long eventAddress = Calls.address(eventMemory);
    private final List<Entry> entries = new ArrayList<>();
    private final Queue<Entry> answered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final CompletableFuture<Integer> registered = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private Supplier<Rings.Taker> takers = () -> entry -> {};
    private Rings.Taker taker = entry -> {};
    private int errno;
    private int entriesLeft;
    private volatile boolean stopped;

    RingThread(int device, int number) {
        this.device = device;
        this.ring = Ring.open(AT_A_TIME);
        this.event = Calls.event();
        eventMemory.putLong(EVENT_SIZE, 1);
        this.thread = new Thread(this::run, "dogear-ring-" + number);
        thread.setDaemon(true);
    }

    /** Adds a place to one of the queues this thread is for. An answer that an earlier daemon left there is submitted first of all. */
    void add(int queue, long address) {
        Entry entry = new Entry(queue, entries.size(), address);
        entries.add(entry);
        if (entry.isStaged()) {
            entry.putStaged();
            answered.add(entry);
        }
    }

    Stream<Entry> entries() {
        return entries.stream();
    }

    /** Completes when every place is registered, with 0, or with an errno. */
    CompletableFuture<Integer> start(Supplier<Rings.Taker> with) {
        takers = with;
        thread.start();
        return registered;
    }

    /** Submits an answer that is in its place. Any thread. */
    void commit(Entry entry) {
        if (Thread.currentThread() == thread) {
            submit(entry);
        } else {
            answered.add(entry);
            wake();
        }
    }

    void stop() {
        stopped = true;
        if (thread.getState() == Thread.State.NEW) {
            end();
        } else {
            wake();
        }
    }

    /** Completes when the kernel has no place of this thread any more. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Not while the descriptor is being closed: its number may be another's at once. */
    private synchronized void wake() {
        if (!ended.isDone() && woken.compareAndSet(false, true)) {
            Calls.write(event, eventAddress + EVENT_SIZE, EVENT_SIZE);
        }
    }

    private void run() {
        try {
            taker = takers.get();
            register();
            registered.complete(errno);
            while (!(stopped && entriesLeft == 0) && ring.submitAndWait()) {
                take();
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a ring of the mount has ended", e);
        } finally {
            registered.complete(errno);
            end();
        }
    }

    private void register() {
        awaitWaking();
        entriesLeft = entries.size();
        for (Entry entry : entries) {
            if (entry.commitId() == 0) {
                register(entry);
            }
        }
        submitAnswered();
        ring.submit();
        // What is refused is completed by now.
        while (errno == 0 && ring.next(this::completed)) {
            // the next one
        }
    }

    private void register(Entry entry) {
        ring.command(device, REGISTER, entry.parts(), PARTS, 0, entry.queue(), entry.number());
    }

    private void awaitWaking() {
        ring.read(event, eventAddress, EVENT_SIZE, WOKEN);
    }

    private void take() {
        while (ring.next(this::completed)) {
            if (ring.hasNext()) {
                ring.submit(); // whoever waits for the answer does not wait for the next one too
            }
        }
    }

    private void completed(long userData, int result) {
        if (userData == WOKEN) {
            woken.set(false);
            submitAnswered();
            awaitWaking();
        } else if (result == 0 && !stopped) {
            taker.taken(entries.get((int) userData));
        } else if (result == -ENOENT && !stopped) {
            // What an earlier daemon had answered: the kernel has no use for the place any more, until it is new.
            register(entries.get((int) userData));
        } else {
            entriesLeft--;
            if (result != 0 && result != -ENOTCONN && result != -ECONNABORTED) {
                errno = -result;
                LOG.log(System.Logger.Level.ERROR, "the kernel refuses a place of a ring: errno {0}", -result);
            }
        }
    }

    /** Each once: by the time of a second one the place may hold another request. */
    private void submitAnswered() {
        for (Entry entry = answered.poll(); entry != null; entry = answered.poll()) {
            submit(entry);
        }
    }

    /** Once stopped the device's descriptor may be another's, too. */
    private void submit(Entry entry) {
        if (stopped) {
            entriesLeft--;
            return;
        }
        ring.command(device, COMMIT_AND_FETCH, 0, 0, entry.commitId(), entry.queue(), entry.number());
    }

    private synchronized void end() {
        ring.close();
        Calls.close(event);
        ended.complete(null);
    }
}

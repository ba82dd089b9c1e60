package dev.dogear.store.lmdb;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a repository is folded: soon after the first thing pending, at once when much is, again later when it failed. The
 * thread is the process's one for such work; each turn is one step, so repositories take turns.
 */
final class FoldSchedule {
    private static final Logger LOG = LoggerFactory.getLogger(FoldSchedule.class);
    private static final long DELAY_MS = 2_000;
    private static final long RETRY_MS = 5_000;
    private static final long MUCH_BYTES = 8 << 20;

    /** How long folding waits for a pause of the writers where room is short. */
    private static final long POSTPONED_MAX_MS = 30_000;

    /** Above this who writes is slowed down to the pace of the folder, whose memory this is. */
    private static final long TOO_MUCH_BYTES = 256 << 20;

    private static final long BRAKE_MS = 50;

    private final Fold fold;
    private final JournaledObjects objects;
    private final ScheduledExecutorService background;
    private final AtomicBoolean armed = new AtomicBoolean();
    private final AtomicBoolean urgent = new AtomicBoolean();
    private final ReentrantLock turn = new ReentrantLock();
    private volatile LongSupplier keepFrom = () -> 0;
    private volatile long grownNanos;
    /** When the first turn in a row was postponed; 0 for none. Only with the turn. */
    private long postponedNanos;

    private volatile boolean closed;

    FoldSchedule(Fold fold, JournaledObjects objects, ScheduledExecutorService background) {
        this.fold = fold;
        this.objects = objects;
        this.background = background;
    }

    void keepFrom(LongSupplier supplier) {
        keepFrom = supplier;
    }

    LongSupplier keepFrom() {
        return keepFrom;
    }

    /** Something became pending. */
    void grown() {
        grownNanos = System.nanoTime();
        long pending = objects.pendingBytes();
        if (pending > MUCH_BYTES && urgent.compareAndSet(false, true)) {
            submit(this::runUrgent, 0);
        }
        if (!armed.get()) {
            arm(DELAY_MS);
        }
        if (pending > TOO_MUCH_BYTES && !closed) {
            brake();
        }
    }

    /** Waits for the running turn; there is none afterwards. */
    void close() {
        turn.lock();
        try {
            closed = true;
        } finally {
            turn.unlock();
        }
    }

    private void runDue() {
        armed.set(false);
        run();
    }

    private void runUrgent() {
        urgent.set(false);
        run();
    }

    private void run() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            if (fold.roomIsShort() && shouldWait()) {
                arm(DELAY_MS);
                return;
            }
            postponedNanos = 0;
            if (fold.step(keepFrom, false) && urgent.compareAndSet(false, true)) {
                submit(this::runUrgent, 0);
            }
        } catch (RuntimeException e) {
            LOG.error("folding failed and will be tried again; nothing is lost: {}", e.getMessage(), e);
            arm(RETRY_MS);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Whether to leave the last room to a verb that is storing. Once it is through, the edits it stored can go from the
     * journal, and there is room to fold.
     */
    private boolean shouldWait() {
        long now = System.nanoTime();
        if (postponedNanos == 0) {
            postponedNanos = now;
        }
        return now - grownNanos < TimeUnit.MILLISECONDS.toNanos(DELAY_MS)
                && now - postponedNanos < TimeUnit.MILLISECONDS.toNanos(POSTPONED_MAX_MS);
    }

    private void arm(long delayMs) {
        if (armed.compareAndSet(false, true)) {
            submit(this::runDue, delayMs);
        }
    }

    private void submit(Runnable task, long delayMs) {
        try {
            @SuppressWarnings("unused") // the task reports for itself
            Future<?> turn = background.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the process ends; close() folds", e);
        }
    }

    /** Never longer than a moment, since the folder may be unable to go on. */
    private void brake() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BRAKE_MS);
        while (System.nanoTime() < end && objects.pendingBytes() > TOO_MUCH_BYTES) {
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}

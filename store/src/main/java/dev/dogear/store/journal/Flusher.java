package dev.dogear.store.journal;

import dev.dogear.store.measure.Latency;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of the process that makes journals durable: group commit over all repositories, and every journal at
 * most 5 s after its last append. Besides it owns the one thread for work nobody waits for.
 */
public final class Flusher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Flusher.class);

    /** What is left of the 5 s is for the flush itself. */
    private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Set<Journal> requested = new LinkedHashSet<>();
    /** When each journal with unflushed records is due at the latest; all have the same delay, so in order of time. */
    private final Map<Journal, Long> due = new LinkedHashMap<>();

    private final Thread thread = new Thread(this::run, "dogear-flusher");
    private final ScheduledThreadPoolExecutor background;
    private final Latency fsync;
    private boolean closed;

    public Flusher() {
        this(new Latency());
    }

    /** @param fsync is told how long each flush took */
    public Flusher(Latency fsync) {
        this.fsync = fsync;
        background = new ScheduledThreadPoolExecutor(1, task -> {
            Thread worker = new Thread(task, "dogear-background");
            worker.setDaemon(true);
            return worker;
        });
        background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        background.setRemoveOnCancelPolicy(true);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The one thread that fills segments ahead of use and folds journals into tables. Tasks must be short, a second at
     * most: who has more to do submits himself again, so that repositories take turns.
     */
    public ScheduledExecutorService background() {
        return background;
    }

    /** Flushes what is left and ends both threads. Close journals first. */
    @Override
    public void close() {
        background.shutdown();
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = joinUninterruptibly();
        try {
            if (!background.awaitTermination(30, TimeUnit.SECONDS)) {
                background.shutdownNow();
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** How long the flushes take. */
    Latency fsync() {
        return fsync;
    }

    /** The journal has a record that nobody may ever ask to be flushed. */
    void touched(Journal journal) {
        lock.lock();
        try {
            due.putIfAbsent(journal, System.nanoTime() + DELAY_NANOS);
            if (due.size() == 1) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Somebody waits for the journal. */
    void request(Journal journal) {
        lock.lock();
        try {
            if (!closed) {
                requested.add(journal);
                work.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        journal.flushNow();
    }

    private void run() {
        while (true) {
            List<Journal> batch = next();
            if (batch.isEmpty()) {
                return;
            }
            for (Journal journal : batch) {
                flush(journal);
            }
        }
    }

    /** The thread outlives whatever one journal does to it: all others depend on it. */
    private static void flush(Journal journal) {
        try {
            journal.flushNow();
        } catch (RuntimeException e) {
            LOG.error("flushing a journal failed", e);
        }
    }

    /** Waits for journals to flush; none when this is closed and all are flushed. */
    private List<Journal> next() {
        lock.lock();
        try {
            long wait = collectDue();
            while (requested.isEmpty() && !closed) {
                awaitWork(wait);
                wait = collectDue();
            }
            if (closed) {
                requested.addAll(due.keySet());
            }
            List<Journal> batch = new ArrayList<>(requested);
            requested.clear();
            batch.forEach(due::remove);
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Moves what is due to the requested ones; returns the nanoseconds until the next is, or a day if there is none. */
    private long collectDue() {
        long now = System.nanoTime();
        for (Map.Entry<Journal, Long> entry : due.entrySet()) {
            long wait = entry.getValue() - now;
            if (wait > 0) {
                return wait;
            }
            requested.add(entry.getKey());
        }
        return TimeUnit.DAYS.toNanos(1);
    }

    @SuppressWarnings("WaitNotInLoop") // the caller's loop asks for all it waits for
    private void awaitWork(long nanos) {
        try {
            work.awaitNanos(nanos);
        } catch (InterruptedException e) {
            LOG.debug("the flusher ends by close() only", e);
        }
    }

    private boolean joinUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}

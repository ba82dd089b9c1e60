package dev.dogear.store.history.news;

import java.util.concurrent.TimeUnit;

/**
 * The number of the newest operation that is durable, and those who wait for it to grow. What is not durable is no news:
 * after a power cut its number would be given again.
 */
public final class OperationNews {
    private long newest;

    public OperationNews(long newest) {
        this.newest = newest;
    }

    /** Operations become durable in the order of their numbers; this may be told of them in any. */
    public synchronized void durable(long number) {
        if (number > newest) {
            newest = number;
            notifyAll();
        }
    }

    public synchronized long newest() {
        return newest;
    }

    /** Waits until there is a newer one than {@code after}, that long at most; answers the newest. */
    public synchronized long await(long after, long timeoutMs) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        for (long left = timeoutMs; newest <= after && left > 0; ) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        return newest;
    }
}

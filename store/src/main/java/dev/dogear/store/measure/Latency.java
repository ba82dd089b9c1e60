package dev.dogear.store.measure;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** How long calls of one kind took, as a histogram. Adding to it takes no lock and no memory. */
public final class Latency {
    /** The upper ends of the buckets, in microseconds; the last bucket has none. */
    private static final long[] BOUNDS_US = {
        10,
        25,
        50,
        100,
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        10_000_000
    };

    private final LongAdder[] buckets = new LongAdder[BOUNDS_US.length + 1];
    private final LongAdder nanos = new LongAdder();

    public Latency() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** Adds a call that began at that {@link System#nanoTime}. */
    public void since(long beginNanos) {
        add(System.nanoTime() - beginNanos);
    }

    /** Adds a call that took so long. */
    public void add(long tookNanos) {
        int at = 0;
        while (at < BOUNDS_US.length && tookNanos > TimeUnit.MICROSECONDS.toNanos(BOUNDS_US[at])) {
            at++;
        }
        buckets[at].increment();
        nanos.add(tookNanos);
    }

    /** Runs a call and adds it, however it ends. */
    public <T> T of(Supplier<T> call) {
        long begin = System.nanoTime();
        try {
            return call.get();
        } finally {
            since(begin);
        }
    }

    /** How many calls there were. */
    public long count() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    /** How long all of them took together. */
    public double seconds() {
        return nanos.sum() / 1e9;
    }

    /** Shows for each bound how many calls took at most so long; all that there were at last, under infinity. */
    public void buckets(Visitor visitor) {
        long count = 0;
        for (int i = 0; i < buckets.length; i++) {
            count += buckets[i].sum();
            visitor.bucket(i < BOUNDS_US.length ? BOUNDS_US[i] / 1e6 : Double.POSITIVE_INFINITY, count);
        }
    }

    /** Is shown the buckets of a histogram. */
    @FunctionalInterface
    public interface Visitor {
        void bucket(double seconds, long count);
    }
}

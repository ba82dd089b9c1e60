package dev.dogear.control.access;

import com.google.common.math.LongMath;
import dev.dogear.control.http.ApiException;
import dev.dogear.store.config.Form;
import java.math.RoundingMode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast each caller asks. Of n requests a time, all n may come at once; after that one comes due each n-th of the time. Any
 * thread; nobody waits. Remembers one number a caller, of whom there are no more than keys and users.
 */
final class Pace {
    private final LongSupplier nanoTime;
    private final long begin;

    /** By caller: when all that was let through would be over if it came evenly, in nanoseconds since the beginning. */
    private final Map<String, AtomicLong> busyUntil = new ConcurrentHashMap<>();

    private volatile Form.@Nullable Rate known;

    Pace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    /** @throws ApiException 429 with when to come again, if the caller has asked as often as the rate allows */
    void require(String caller, Form.Rate rate) {
        if (!rate.equals(known)) {
            // What was let through by another rate says nothing about this one.
            busyUntil.clear();
            known = rate;
        }
        long now = nanoTime.getAsLong() - begin;
        long period = TimeUnit.MILLISECONDS.toNanos(rate.periodMs());
        long interval = Math.max(1, period / rate.count());
        AtomicLong busy = busyUntil.computeIfAbsent(caller, name -> new AtomicLong());
        while (true) {
            long before = busy.get();
            long until = Math.max(before, now) + interval;
            if (until > now + period) {
                throw tooMany(rate, until - now - period);
            }
            if (busy.compareAndSet(before, until)) {
                return;
            }
        }
    }

    private static ApiException tooMany(Form.Rate rate, long nanos) {
        long seconds = Math.max(1, LongMath.divide(nanos, TimeUnit.SECONDS.toNanos(1), RoundingMode.CEILING));
        return ApiException.tooMany(
                "Too many requests: " + rate.count() + " in " + rate.periodMs() / 1_000
                        + " s are answered for each key or user (setting rate). Try again in " + seconds + " s.",
                seconds);
    }
}

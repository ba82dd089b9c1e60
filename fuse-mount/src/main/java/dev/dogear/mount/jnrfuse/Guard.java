package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.kernel.Errors;
import dev.dogear.mount.vfs.Caller;
import dev.dogear.store.measure.Latency;
import dev.dogear.store.workspace.PosixException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What every callback goes through: it is counted, it learns who calls, and whatever it throws becomes an errno. An exception that
 * left a callback would be an empty success to the program.
 */
final class Guard {
    private final Supplier<Caller> caller;
    private final Map<String, Latency> latencies = new ConcurrentHashMap<>();

    /** One callback's work. */
    interface Body {
        /** @return a count, or 0 */
        int run(Caller caller) throws PosixException;
    }

    /** @param caller says who makes the call that this thread is in */
    Guard(Supplier<Caller> caller) {
        this.caller = caller;
    }

    /** @return what the body gives, or a negative errno */
    int run(String request, Body body) {
        long begin = System.nanoTime();
        try {
            return body.run(caller.get());
        } catch (Throwable e) {
            return -Errors.errnoOf(e, request);
        } finally {
            latencies.computeIfAbsent(request, name -> new Latency()).since(begin);
        }
    }

    /** How long calls took, by the kernel's name of the request. */
    Map<String, Latency> latencies() {
        return new TreeMap<>(latencies);
    }

    /** Calls so far, by the kernel's name of the request. */
    Map<String, Long> counts() {
        Map<String, Long> sums = new TreeMap<>();
        latencies.forEach((name, latency) -> sums.put(name, latency.count()));
        return sums;
    }
}

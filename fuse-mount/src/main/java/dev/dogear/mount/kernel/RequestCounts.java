package dev.dogear.mount.kernel;

import dev.dogear.store.measure.Latency;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests of each kind came, how long their answers took, and how many had to be parked. */
public final class RequestCounts {
    private final LongAdder[] byOpcode = new LongAdder[Opcode.COUNT];
    private final Latency[] latencies = new Latency[Opcode.COUNT];
    private final LongAdder unknown = new LongAdder();
    private final LongAdder parked = new LongAdder();

    RequestCounts() {
        for (int i = 0; i < byOpcode.length; i++) {
            byOpcode[i] = new LongAdder();
            latencies[i] = new Latency();
        }
    }

    void add(int opcode) {
        (opcode >= 0 && opcode < Opcode.COUNT ? byOpcode[opcode] : unknown).increment();
    }

    /** A request that came at that nanosecond was answered. */
    void answered(int opcode, long cameNanos) {
        if (opcode >= 0 && opcode < Opcode.COUNT) {
            latencies[opcode].since(cameNanos);
        }
    }

    void addParked() {
        parked.increment();
    }

    /** Those that came at least once, by name. */
    public Map<String, Long> byName() {
        Map<String, Long> counts = new TreeMap<>();
        for (int i = 0; i < byOpcode.length; i++) {
            long count = byOpcode[i].sum();
            if (count != 0) {
                counts.put(Opcode.name(i), count);
            }
        }
        if (unknown.sum() != 0) {
            counts.put("unknown", unknown.sum());
        }
        return counts;
    }

    /** How long those took that were answered, by name. */
    public Map<String, Latency> latencies() {
        Map<String, Latency> found = new TreeMap<>();
        for (int i = 0; i < latencies.length; i++) {
            if (latencies[i].count() > 0) {
                found.put(Opcode.name(i), latencies[i]);
            }
        }
        return found;
    }

    /** Requests that a reader could not answer at once. */
    public long parked() {
        return parked.sum();
    }
}

package dev.dogear.mount.kernel;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests of each kind came, and how many had to be parked. */
public final class RequestCounts {
    private final LongAdder[] byOpcode = new LongAdder[Opcode.COUNT];
    private final LongAdder unknown = new LongAdder();
    private final LongAdder parked = new LongAdder();

    RequestCounts() {
        for (int i = 0; i < byOpcode.length; i++) {
            byOpcode[i] = new LongAdder();
        }
    }

    void add(int opcode) {
        (opcode >= 0 && opcode < Opcode.COUNT ? byOpcode[opcode] : unknown).increment();
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

    /** Requests that a reader could not answer at once. */
    public long parked() {
        return parked.sum();
    }
}

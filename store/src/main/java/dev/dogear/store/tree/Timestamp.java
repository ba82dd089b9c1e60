package dev.dogear.store.tree;

import java.time.Instant;

/**
 * A moment as the kernel gives it.
 *
 * @param seconds since 1970-01-01T00:00Z, may be negative
 * @param nanos 0 to 999,999,999
 */
public record Timestamp(long seconds, int nanos) implements Comparable<Timestamp> {
    /** 1970-01-01T00:00Z. */
    public static final Timestamp EPOCH = new Timestamp(0, 0);

    /** The same moment. */
    public static Timestamp of(Instant instant) {
        return new Timestamp(instant.getEpochSecond(), instant.getNano());
    }

    /** The same moment. */
    public Instant toInstant() {
        return Instant.ofEpochSecond(seconds, nanos);
    }

    @Override
    public int compareTo(Timestamp other) {
        int bySeconds = Long.compare(seconds, other.seconds);
        return bySeconds != 0 ? bySeconds : Integer.compare(nanos, other.nanos);
    }
}

package dev.dogear.control.mounted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that asks the mount all the time, so that it sees how long nobody answers after a death. */
final class Pauses implements Runnable {
    private final Path directory;
    private final List<Long> pauses = new ArrayList<>();
    private long deathNanos;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    /** @param directory in the mount; each round makes and removes it, which no cache of the kernel answers */
    Pauses(Path directory) {
        this.directory = directory;
    }

    /** Now is when a daemon dies. */
    synchronized void death() {
        deathNanos = System.nanoTime();
    }

    void stop() {
        stopped = true;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                long began = System.nanoTime();
                Files.createDirectory(directory);
                Files.delete(directory);
                answered(began);
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    /** What began before the death may have been answered by who died. */
    private synchronized void answered(long began) {
        if (deathNanos != 0 && began - deathNanos >= 0) {
            pauses.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - deathNanos));
            deathNanos = 0;
        }
    }

    /** The figures as a text. */
    synchronized String summary() {
        List<Long> sorted = new ArrayList<>(pauses);
        Collections.sort(sorted);
        if (sorted.isEmpty()) {
            return "no pause seen";
        }
        return sorted.size() + " pauses, ms: p50 " + at(sorted, 50) + ", p90 " + at(sorted, 90) + ", p99 "
                + at(sorted, 99) + ", longest " + sorted.get(sorted.size() - 1);
    }

    private static long at(List<Long> sorted, int percent) {
        return sorted.get((sorted.size() - 1) * percent / 100);
    }
}

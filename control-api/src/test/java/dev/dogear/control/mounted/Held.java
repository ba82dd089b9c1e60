package dev.dogear.control.mounted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a daemon, its keeper and its helper hold.
 *
 * @param heap bytes of the daemon's heap that live after a collection
 * @param memory bytes of memory of all of them that no file stands behind
 * @param descriptors open files of all of them
 * @param threads of all of them
 */
record Held(long heap, long memory, long descriptors, long threads) {
    private static final long HEAP_GROWTH_MAX = 24L << 20;
    private static final long MEMORY_GROWTH_MAX = 64L << 20;
    private static final int MEMORY_GROWTH_PERCENT_MAX = 10;
    private static final int DESCRIPTORS_GROWTH_MAX = 16;
    private static final int THREADS_GROWTH_MAX = 8;
    private static final Pattern HEAP_USED = Pattern.compile("(?:new|tenured) generation .* used (\\d+)K");
    private static final Pattern ANONYMOUS = Pattern.compile("RssAnon:\\s+(\\d+) kB");
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");

    /** Collects the daemon's garbage first. */
    static Held by(RunningDogear dogear) throws IOException {
        List<ProcessHandle> all = new ArrayList<>(List.of(dogear.keeper()));
        dogear.keeper().descendants().forEach(all::add);
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String daemon = Long.toString(dogear.pid());
        dogear.command(jcmd, daemon, "GC.run").run();
        long heap = sum(HEAP_USED, dogear.command(jcmd, daemon, "GC.heap_info").run());
        long memory = 0;
        long descriptors = 0;
        long threads = 0;
        for (ProcessHandle process : all) {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            String status = Files.readString(proc.resolve("status"));
            memory += sum(ANONYMOUS, status);
            threads += sum(THREADS, status);
            try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
                descriptors += open.count();
            }
        }
        return new Held(heap << 10, memory << 10, descriptors, threads);
    }

    private static long sum(Pattern number, String text) {
        Matcher found = number.matcher(text);
        long sum = 0;
        while (found.find()) {
            sum += Long.parseLong(found.group(1));
        }
        return sum;
    }

    /** Of each figure the median by itself. */
    static Held median(List<Held> samples) {
        return new Held(
                median(samples, Held::heap),
                median(samples, Held::memory),
                median(samples, Held::descriptors),
                median(samples, Held::threads));
    }

    private static long median(List<Held> samples, ToLongFunction<Held> figure) {
        return samples.stream()
                .mapToLong(figure)
                .sorted()
                .skip(samples.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    /** In words what grew beyond what comes and goes; empty if nothing did. */
    String growthOver(Held before) {
        List<String> grown = new ArrayList<>();
        grown(grown, "bytes of heap", before.heap, heap, HEAP_GROWTH_MAX);
        long memoryMax = MEMORY_GROWTH_MAX + before.memory * MEMORY_GROWTH_PERCENT_MAX / 100;
        grown(grown, "bytes of memory", before.memory, memory, memoryMax);
        grown(grown, "descriptors", before.descriptors, descriptors, DESCRIPTORS_GROWTH_MAX);
        grown(grown, "threads", before.threads, threads, THREADS_GROWTH_MAX);
        return String.join(", ", grown);
    }

    private static void grown(List<String> all, String what, long before, long after, long max) {
        if (after - before > max) {
            all.add(before + " " + what + " became " + after);
        }
    }

    @Override
    public String toString() {
        return (heap >> 20) + " MiB of heap, " + (memory >> 20) + " MiB in all, " + descriptors + " descriptors, "
                + threads + " threads";
    }
}

package dev.dogear.mount.uring;

import dev.dogear.store.StoreException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All queues of a connection. The kernel puts a request into the queue of the CPU its program runs on, and uses none before each
 * possible CPU has one.
 *
 * <p>Where a keeper has the device, the places are in a file in memory, at the same address in every daemon: the kernel knows a
 * request that was taken by that address, and takes its answer from whichever process submits it.
 */
public final class Rings {
    /** Places of all queues together, and of one: that many requests can be taken and wait to be answered. */
    private static final int PLACES = 1024;

    private static final int PLACES_OF_QUEUE_MIN = 16;
    private static final int PLACES_OF_QUEUE_MAX = 128;
    private static final int THREADS_MAX = 16;

    /** Far from where a process puts anything by itself. */
    private static final long ADDRESS = 1L << 45;

    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    private final long memory;
    private final int queues;
    private final List<RingThread> threads = new ArrayList<>();

    /** Is given requests. */
    public interface Taker {
        /** Called by the thread of the queue, which must not wait. The entry is to be answered, now or later. */
        void taken(Entry entry);
    }

    /**
     * Where places outlive a daemon.
     *
     * @param from bytes before them in the file
     */
    public record Home(Path file, long from) {}

    private Rings(long memory, int queues) {
        this.memory = memory;
        this.queues = queues;
    }

    /**
     * Makes what can be made before the kernel was told that there will be rings, so that this can be left out if it fails.
     *
     * @param device the connection
     * @param home null without a keeper
     * @throws StoreException IO if the host gives no ring, with its reason
     */
    public static Rings open(int device, @Nullable Home home) {
        int queues = possibleCpus();
        Rings rings = new Rings(map(home, queues, ADDRESS), queues);
        int threads =
                Math.min(queues, Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()));
        try {
            for (int i = 0; i < threads; i++) {
                rings.threads.add(new RingThread(device, i));
            }
        } catch (StoreException e) {
            rings.close();
            throw e;
        }
        int perQueue = placesOfQueue(queues);
        for (int i = 0; i < queues * perQueue; i++) {
            int queue = i / perQueue;
            rings.threads.get(queue % threads).add(queue, rings.memory + (long) i * Entry.SIZE);
        }
        return rings;
    }

    /** The commit ids of requests that an earlier daemon took last, one a place; which of them it answered is not said. */
    public static List<Long> takenLast(Home home) {
        int queues = possibleCpus();
        long memory = map(home, queues, 0);
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < queues * placesOfQueue(queues); i++) {
            ids.add(new Entry(0, i, memory + (long) i * Entry.SIZE).commitId());
        }
        Calls.unmap(memory, size(queues));
        return ids;
    }

    /** How many requests may wait for what the kernel asks for through the same queues: half of one. */
    public int waitingMax() {
        return placesOfQueue(queues) / 2;
    }

    private static int placesOfQueue(int queues) {
        return Math.max(PLACES_OF_QUEUE_MIN, Math.min(PLACES_OF_QUEUE_MAX, PLACES / queues));
    }

    private static long size(int queues) {
        return (long) queues * placesOfQueue(queues) * Entry.SIZE;
    }

    private static long map(@Nullable Home home, int queues, long address) {
        long size = size(queues);
        long memory = home == null ? Calls.map(size) : Calls.map(home.file().toString(), home.from(), size, address);
        if (memory < 0) {
            throw new StoreException(StoreException.Kind.IO, "no memory for " + queues + " queues: errno " + -memory);
        }
        return memory;
    }

    /** The number of CPUs there are or may be, from a list such as {@code 0-3} or {@code 0,2-5}: the highest and one. */
    static int possibleCpus() {
        try {
            String[] numbers = Files.readString(POSSIBLE).strip().split("[-,]", -1);
            return Integer.parseInt(numbers[numbers.length - 1]) + 1;
        } catch (IOException | NumberFormatException e) {
            throw new StoreException(StoreException.Kind.IO, "the number of CPUs cannot be read from " + POSSIBLE, e);
        }
    }

    /** Requests that an earlier daemon took and did not make an answer for. To be answered before {@link #start}. */
    public List<Entry> inherited() {
        return threads.stream()
                .flatMap(RingThread::entries)
                .filter(entry -> entry.commitId() != 0 && !entry.isStaged())
                .toList();
    }

    /**
     * Registers all queues, after INIT was answered; from then on requests come this way.
     *
     * @param takers gives each thread one of its own
     * @return completes when it is done: with 0, or with the errno with which the kernel refused; then it uses the device
     */
    public CompletableFuture<Integer> start(Supplier<Taker> takers) {
        List<CompletableFuture<Integer>> registered = new ArrayList<>();
        threads.forEach(thread -> registered.add(thread.start(takers)));
        return CompletableFuture.allOf(registered.toArray(CompletableFuture[]::new))
                .thenApply(all -> registered.stream()
                        .map(CompletableFuture::join)
                        .filter(errno -> errno != 0)
                        .findFirst()
                        .orElse(0));
    }

    /**
     * Answers a request. Any thread.
     *
     * @param answer in one piece, as the device takes it; read before this returns
     */
    public void answer(Entry entry, ByteBuffer answer, int length) {
        entry.put(answer, length);
        threads.get(entry.queue() % threads.size()).commit(entry);
    }

    /**
     * Has a request made on every CPU, by a process each that nobody waits for. Requests which came while there was no daemon wait in
     * their queue, and the kernel looks there only when another one is answered.
     */
    public static void nudge(Path mountpoint) {
        Thread thread = new Thread(
                () -> {
                    for (int cpu = 0; cpu < possibleCpus(); cpu++) {
                        if (Calls.runOn(cpu) == 0) {
                            lookUp(mountpoint.resolve(".dogear-nudge-" + cpu + "-" + System.nanoTime()));
                        }
                    }
                },
                "dogear-nudge");
        thread.setDaemon(true);
        thread.start();
    }

    private static void lookUp(Path path) {
        try {
            new ProcessBuilder("test", "-e", path.toString())
                    .directory(new File("/"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.getLogger(Rings.class.getName()).log(System.Logger.Level.WARNING, "no process can be started", e);
        }
    }

    /** Gives everything back, once the connection has ended. Answers that come later go nowhere. */
    public void close() {
        threads.forEach(RingThread::stop);
        var unused = CompletableFuture.allOf(
                        threads.stream().map(RingThread::ended).toArray(CompletableFuture[]::new))
                .thenRun(() -> Calls.unmap(memory, size(queues)));
    }
}

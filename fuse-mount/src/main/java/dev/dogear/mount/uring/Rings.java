package dev.dogear.mount.uring;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * All queues of a connection. The kernel puts a request into the queue of the CPU its program runs on, and uses none before each
 * possible CPU has one.
 */
public final class Rings {
    /** Places of all queues together, and of one: that many requests can be taken and wait to be answered. */
    private static final int PLACES = 1024;

    private static final int PLACES_OF_QUEUE_MIN = 16;
    private static final int PLACES_OF_QUEUE_MAX = 128;
    private static final int THREADS_MAX = 16;

    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    private final long memory;
    private final long memorySize;
    private final List<RingThread> threads = new ArrayList<>();

    /** Is given requests. */
    public interface Taker {
        /** Called by the thread of the queue, which must not wait. The entry is to be answered, now or later. */
        void taken(Entry entry);
    }

    private Rings(long memory, long memorySize) {
        this.memory = memory;
        this.memorySize = memorySize;
    }

    /**
     * Makes what can be made before the kernel was told that there will be rings, so that this can be left out if it fails.
     *
     * @param device the connection
     * @throws StoreException IO if the host gives no ring, with its reason
     */
    public static Rings open(int device) {
        int queues = possibleCpus();
        int perQueue = Math.max(PLACES_OF_QUEUE_MIN, Math.min(PLACES_OF_QUEUE_MAX, PLACES / queues));
        long size = (long) queues * perQueue * Entry.SIZE;
        long memory = Calls.map(size);
        if (memory < 0) {
            throw new StoreException(StoreException.Kind.IO, "no memory for " + queues + " queues: errno " + -memory);
        }
        Rings rings = new Rings(memory, size);
        int threads = Math.min(queues, Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()));
        try {
            for (int i = 0; i < threads; i++) {
                rings.threads.add(new RingThread(device, i));
            }
        } catch (StoreException e) {
            rings.close();
            throw e;
        }
        long at = memory;
        for (int i = 0; i < queues * perQueue; i++) {
            int queue = i / perQueue;
            rings.threads.get(queue % threads).add(queue, at);
            at += Entry.SIZE;
        }
        return rings;
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

    /** Gives everything back, once the connection has ended. Answers that come later go nowhere. */
    public void close() {
        threads.forEach(RingThread::stop);
        CompletableFuture.allOf(threads.stream().map(RingThread::ended).toArray(CompletableFuture[]::new))
                .thenRun(() -> Calls.unmap(memory, memorySize));
    }
}

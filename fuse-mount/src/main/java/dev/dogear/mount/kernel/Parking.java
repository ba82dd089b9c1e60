package dev.dogear.mount.kernel;

import dev.dogear.mount.handover.Slots;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where requests wait that a reader must not wait for: worker threads, each with memory for its answers, and a bounded stock of
 * memory for the requests themselves. With the stock used up a reader waits after all, for a worker, never for more.
 */
final class Parking {
    private static final int SMALL = Slots.SMALL_BYTES;
    private static final int SMALL_MOST = 256;
    private static final int LARGE_MOST = 24;

    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Stock small;
    private final Stock large;

    /** Work that may wait. */
    interface Task {
        /** @param reply of the thread that runs it */
        void run(Reply reply);
    }

    /** @param slots where requests outlive this process; null for memory of our own */
    Parking(int workers, @Nullable Slots slots) {
        small = slots == null ? new Stock(SMALL, SMALL_MOST) : new Stock(SMALL, slots.small());
        large = slots == null ? new Stock(Connection.BUFFER_SIZE, LARGE_MOST) : new Stock(SMALL + 1, slots.large());
        for (int i = 0; i < workers; i++) {
            Thread thread = new Thread(this::work, "dogear-waiting-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    void add(Task task) {
        tasks.add(task);
    }

    /** Memory for a reader. */
    NativeMemory takeForReader() {
        NativeMemory memory = large.take();
        memory.touch();
        return memory;
    }

    /** Memory for a request of that length, to be given back. */
    NativeMemory take(int length) {
        return (length <= SMALL ? small : large).take();
    }

    /** The same, but null when half of it is in use: for who waits for something that the readers have to do. */
    @Nullable
    NativeMemory takeIfPlenty(int length) {
        return (length <= SMALL ? small : large).takeIfPlenty();
    }

    void giveBack(NativeMemory memory) {
        (memory.size() <= SMALL ? small : large).giveBack(memory);
    }

    void stop() {
        threads.forEach(Thread::interrupt);
    }

    private void work() {
        Reply reply = new Reply(new NativeMemory(Connection.BUFFER_SIZE));
        try {
            while (true) {
                tasks.take().run(reply);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stop()
        }
    }

    /** Memory of one size, made when first needed. */
    private static final class Stock {
        private final int size;
        private final int most;
        private final int half;
        private final ArrayDeque<NativeMemory> free = new ArrayDeque<>();
        private int made;

        private Stock(int size, int most) {
            this(size, most, most / 2);
        }

        private Stock(int size, int most, int half) {
            this.size = size;
            this.most = most;
            this.half = half;
        }

        /** Of the places that are free; those that are not come when their requests are answered. */
        private Stock(int size, List<Slots.Slot> slots) {
            this(size, 0, slots.size() / 2);
            for (Slots.Slot slot : slots) {
                if (slot.unique() == 0) {
                    free.push(new NativeMemory(slot));
                }
            }
        }

        private synchronized @Nullable NativeMemory takeIfPlenty() {
            return free.size() + most - made > half ? take() : null;
        }

        private synchronized NativeMemory take() {
            boolean interrupted = false;
            while (free.isEmpty() && made == most) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (free.isEmpty()) {
                made++;
                return new NativeMemory(size);
            }
            return free.pop();
        }

        private synchronized void giveBack(NativeMemory memory) {
            free.push(memory);
            notifyAll();
        }
    }
}

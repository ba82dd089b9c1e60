package dev.dogear.mount.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Where requests wait that a reader must not wait for: worker threads, each with memory for its answers, and a bounded stock of
 * memory for the requests themselves. With the stock used up a reader waits after all, for a worker, never for more.
 */
final class Parking {
    private static final int SMALL = 8 << 10;
    private static final int SMALL_MOST = 256;
    private static final int LARGE_MOST = 24;

    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Stock small = new Stock(SMALL, SMALL_MOST);
    private final Stock large = new Stock(Connection.BUFFER_SIZE, LARGE_MOST);

    /** Work that may wait. */
    interface Task {
        /** @param reply of the thread that runs it */
        void run(Reply reply);
    }

    Parking(int workers) {
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

    /** Memory for a request of that length, to be given back. */
    NativeMemory take(int length) {
        return (length <= SMALL ? small : large).take();
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
        private final ArrayDeque<NativeMemory> free = new ArrayDeque<>();
        private int made;

        private Stock(int size, int most) {
            this.size = size;
            this.most = most;
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

package dev.dogear.mount.kernel;

/**
 * Which threads of the helper process call into our mount, and what for. The kernel names the calling thread in each
 * request, not its process. FSYNC by a pushing thread is answered at once: the write-back before it was the purpose. SETATTR by
 * a refreshing thread is answered with the attributes as they are: it tells the kernel the new state and is no edit.
 */
public final class PushedCalls {
    private static final int[] NONE = {};

    private volatile int[] pushing = NONE;
    private volatile int[] refreshing = NONE;

    PushedCalls() {}

    /** Replaces the threads known; empty arrays when the helper is gone, since thread ids are given again. */
    public void set(int[] pushingThreads, int[] refreshingThreads) {
        pushing = pushingThreads.clone();
        refreshing = refreshingThreads.clone();
    }

    boolean isPush(int thread) {
        return contains(pushing, thread);
    }

    boolean isRefresh(int thread) {
        return contains(refreshing, thread);
    }

    private static boolean contains(int[] threads, int thread) {
        for (int known : threads) {
            if (known == thread) {
                return true;
            }
        }
        return false;
    }
}

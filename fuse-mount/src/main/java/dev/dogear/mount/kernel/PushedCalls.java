package dev.dogear.mount.kernel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/**
 * Which threads of the helper process call into our mount, and what for. The kernel names the calling thread in each
 * request, not its process. FSYNC by one of them is answered at once: the write-back before it was the purpose. SETATTR by
 * a refreshing thread is answered with the attributes as they are: it tells the kernel the new state and is no edit.
 */
public final class PushedCalls {
    private static final int[] NONE = {};
    private static final String NODE_PREFIX = ".dogear-node-";

    private volatile int[] pushing = NONE;
    private volatile int[] refreshing = NONE;

    public PushedCalls() {}

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

    /** The name in the mount's root by which the helper, and nobody else, reaches a node where it may not open by handle. */
    public static String nameOf(long node) {
        return NODE_PREFIX + Long.toHexString(node);
    }

    /** The node of such a name, or null. */
    @Nullable
    Long nodeNamed(int thread, byte[] name) {
        if (!isPush(thread) && !isRefresh(thread)) {
            return null;
        }
        String text = new String(name, ISO_8859_1);
        return text.startsWith(NODE_PREFIX) ? Long.parseUnsignedLong(text.substring(NODE_PREFIX.length()), 16) : null;
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

package dev.dogear.mount.jnrfuse;

import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What libfuse's handles mean: calls on open files come without a path. */
final class Handles {
    private final Map<Long, Opened> opened = new ConcurrentHashMap<>();
    private final Map<Long, Integer> ofNode = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** An open file, with the handle of the filesystem; or a directory, which has a look-up instead and 0 here. */
    record Opened(long node, long handle) {}

    long add(long node, long handle) {
        long number = last.incrementAndGet();
        ofNode.merge(node, 1, Integer::sum);
        opened.put(number, new Opened(node, handle));
        return number;
    }

    /** @throws PosixException EBADF if there is none */
    Opened get(long number) throws PosixException {
        Opened found = opened.get(number);
        if (found == null) {
            throw new PosixException(Errno.EBADF);
        }
        return found;
    }

    /** @throws PosixException EBADF if there is none */
    Opened remove(long number) throws PosixException {
        Opened found = opened.remove(number);
        if (found == null) {
            throw new PosixException(Errno.EBADF);
        }
        ofNode.computeIfPresent(found.node, (node, count) -> count == 1 ? null : count - 1);
        return found;
    }

    boolean isOpen(long node) {
        return ofNode.containsKey(node);
    }
}

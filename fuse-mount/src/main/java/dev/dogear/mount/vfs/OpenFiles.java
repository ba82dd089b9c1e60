package dev.dogear.mount.vfs;

import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.PosixException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The open files of all programs: handle to file. A handle is never given twice. Reads and writes go by node id, so a
 * handle this table does not know (one of an earlier daemon) does no harm.
 */
final class OpenFiles {
    private final ConcurrentHashMap<Long, OpenHandle> handles = new ConcurrentHashMap<>();
    private final Remembered remembered;
    private final AtomicLong last;
    private final AtomicInteger taken = new AtomicInteger();
    private final int most;

    /** One open file. */
    record OpenHandle(FileNode file, boolean writable) {}

    /** @param most handles at a time */
    OpenFiles(int most, Remembered remembered) {
        this.most = most;
        this.remembered = remembered;
        this.last = new AtomicLong(remembered.firstHandle());
    }

    /**
     * Takes the room of one handle, before anything is done that would have to be undone without it; follow with
     * {@link #add} or {@link #giveBack}.
     *
     * @throws PosixException EMFILE if there is no room
     */
    void reserve() throws PosixException {
        if (taken.incrementAndGet() > most) {
            taken.decrementAndGet();
            throw new PosixException(Errno.EMFILE);
        }
    }

    /** Ends a reservation that came to nothing. */
    void giveBack() {
        taken.decrementAndGet();
    }

    /** The handle of a newly opened file, whose room was reserved. */
    long add(FileNode file, boolean writable) {
        long handle = last.incrementAndGet();
        handles.put(handle, new OpenHandle(file, writable));
        if (writable) {
            remembered.noteOpened(handle, NodeIds.of(file));
        }
        return handle;
    }

    /** A handle for writing that an earlier daemon gave; false if it was closed meanwhile or is known. */
    synchronized boolean recall(long handle, FileNode file) {
        if (!remembered.isOpen(handle) || handles.putIfAbsent(handle, new OpenHandle(file, true)) != null) {
            return false;
        }
        taken.incrementAndGet();
        return true;
    }

    /** Takes a handle out; null if it is not known. */
    @Nullable
    OpenHandle remove(long handle) {
        return handle <= remembered.firstHandle() ? removeRecalled(handle) : removeKnown(handle);
    }

    private synchronized @Nullable OpenHandle removeRecalled(long handle) {
        OpenHandle removed = removeKnown(handle);
        if (removed == null) {
            remembered.noteClosed(handle);
        }
        return removed;
    }

    private @Nullable OpenHandle removeKnown(long handle) {
        OpenHandle removed = handles.remove(handle);
        if (removed != null) {
            taken.decrementAndGet();
            if (removed.writable) {
                remembered.noteClosed(handle);
            }
        }
        return removed;
    }

    /** Whether the handle is one of ours: what an earlier daemon opened is not. */
    boolean isKnown(long handle) {
        return handles.containsKey(handle);
    }

    /** How many are open. */
    int count() {
        return handles.size();
    }
}

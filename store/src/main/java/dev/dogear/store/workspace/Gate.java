package dev.dogear.store.workspace;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What every edit and look-up of a workspace passes through: open to all of them at once, closed while the workspace is
 * frozen or switched to another root. The outermost lock. The thread that closed it may close it again and may enter;
 * one that is inside must leave before it closes.
 */
public final class Gate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final LongAdder edits = new LongAdder();
    private final AtomicInteger closers = new AtomicInteger();
    private volatile boolean readOnly;

    /** Passes if the gate is open; a transport's reader parks the request otherwise. */
    public boolean tryEnter() {
        // A plain tryLock barges past a waiting closer, and busy readers would keep it waiting for ever.
        if (closers.get() > 0 && lock.getReadHoldCount() == 0 && !lock.isWriteLockedByCurrentThread()) {
            return false;
        }
        return lock.readLock().tryLock();
    }

    /** Waits until the gate is open and passes. May be nested. */
    public void enter() {
        lock.readLock().lock();
    }

    /** Ends what {@link #enter()} or {@link #tryEnter()} began. */
    public void leave() {
        lock.readLock().unlock();
    }

    /** Waits until everybody has left and keeps the gate closed, until the same thread opens it. May be nested. */
    public void close() {
        if (lock.getReadHoldCount() > 0 && !lock.isWriteLockedByCurrentThread()) {
            throw new IllegalStateException("a thread inside the gate would wait for itself");
        }
        closers.incrementAndGet();
        lock.writeLock().lock();
    }

    /** Closes the gate if nobody is inside. */
    boolean tryClose() {
        if (lock.getReadHoldCount() > 0 || !lock.writeLock().tryLock()) {
            return false;
        }
        closers.incrementAndGet();
        return true;
    }

    /** Opens the gate again. */
    public void open() {
        lock.writeLock().unlock();
        closers.decrementAndGet();
    }

    /** Whether edits are refused. */
    public boolean isReadOnly() {
        return readOnly;
    }

    /** Refuses edits from now on, or takes them again; while it is closed, or before anybody has the workspace. */
    public void setReadOnly(boolean refuses) {
        readOnly = refuses;
    }

    /** How many edits were asked for so far. */
    public long edits() {
        return edits.sum();
    }

    /** Before each edit. @throws PosixException EROFS */
    void requireWritable() throws PosixException {
        edits.increment();
        if (readOnly) {
            throw new PosixException(Errno.EROFS);
        }
    }

    /** Whether this thread keeps it closed. */
    boolean isClosedByMe() {
        return lock.isWriteLockedByCurrentThread();
    }
}

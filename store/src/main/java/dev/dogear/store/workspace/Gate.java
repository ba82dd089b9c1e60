package dev.dogear.store.workspace;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What every edit and look-up of a workspace passes through: open to all of them at once, closed while the workspace is
 * frozen or switched to another root. The outermost lock.
 */
public final class Gate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** Passes if the gate is open; a transport's reader parks the request otherwise. */
    public boolean tryEnter() {
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

    /** Waits until everybody has left and keeps the gate closed. */
    public void close() {
        lock.writeLock().lock();
    }

    /** Opens the gate again. */
    public void open() {
        lock.writeLock().unlock();
    }
}

package dev.dogear.store.journal;

/** The one thread of the process that makes journals durable: group commit over all repositories, and every journal at most 5 s after its last append. */
public final class Flusher implements AutoCloseable {
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

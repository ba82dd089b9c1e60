package dev.dogear.store.journal;

import dev.dogear.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Those who wait until a journal is durable up to some LSN. */
final class FlushQueue {
    private List<Waiter> waiters = new ArrayList<>();

    synchronized CompletableFuture<Void> add(long target) {
        Waiter waiter = new Waiter(target, new CompletableFuture<>());
        waiters.add(waiter);
        return waiter.done;
    }

    void completeUpTo(long durable) {
        for (Waiter waiter : removeUpTo(durable)) {
            waiter.done.complete(null);
        }
    }

    void fail(StoreException reason) {
        for (Waiter waiter : removeUpTo(Long.MAX_VALUE)) {
            waiter.done.completeExceptionally(reason);
        }
    }

    private synchronized List<Waiter> removeUpTo(long durable) {
        List<Waiter> removed = new ArrayList<>();
        List<Waiter> kept = new ArrayList<>();
        for (Waiter waiter : waiters) {
            (waiter.target <= durable ? removed : kept).add(waiter);
        }
        waiters = kept;
        return removed;
    }

    private record Waiter(long target, CompletableFuture<Void> done) {}
}

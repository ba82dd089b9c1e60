package dev.dogear.store.history;

import dev.dogear.store.workspace.Workspace;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores resting edits ahead of a checkpoint once a journal has grown, so that it can be recycled, a restart replays
 * little and the next checkpoint has little left to do; and lets go of what nobody holds in memory. One thread.
 */
final class Settler implements AutoCloseable {
    /** A workspace is settled when the journal holds this much since its cut. */
    static final long LAG_BYTES_MAX = 64L << 20;

    private static final long PERIOD_MS = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private final Supplier<List<Repository>> repositories;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread settler = new Thread(task, "dogear-settler");
        settler.setDaemon(true);
        return settler;
    });

    Settler(Supplier<List<Repository>> repositories) {
        this.repositories = repositories;
        var unused = thread.scheduleWithFixedDelay(this::settleLagging, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void settleLagging() {
        for (Repository repository : repositories.get()) {
            try {
                settleLagging(repository);
            } catch (RuntimeException e) {
                // The edits are in the journal still; the next round tries again.
                LOG.warn("The edits of {} could not be settled", repository.name(), e);
            }
        }
    }

    private static void settleLagging(Repository repository) {
        LiveRepository live = repository.live();
        live.workspaces().loaded().forEach(Workspace::trim);
        live.past().trim();
        for (Workspace workspace : live.workspaces().loaded()) {
            if (live.cut() - workspace.oldestNeeded() > LAG_BYTES_MAX) {
                repository
                        .findBookmark(workspace.number())
                        .ifPresent(
                                bookmark -> live.exclusively(List.of(bookmark.name()), () -> live.settle(workspace)));
            }
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("The settler did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

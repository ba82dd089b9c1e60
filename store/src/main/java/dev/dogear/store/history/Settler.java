package dev.dogear.store.history;

import dev.dogear.store.workspace.Workspace;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores resting edits ahead of a checkpoint, and busy ones once the journal has grown, so that the journal can be
 * recycled, a restart replays little and the next checkpoint has little left to do; and lets go of what nobody holds in
 * memory. One thread.
 */
final class Settler implements AutoCloseable {
    /** A workspace is settled, busy or not, when the journal holds this much since its cut. */
    static final long LAG_BYTES_MAX = 64L << 20;

    /** One at rest is when there is so much; less a checkpoint does in a moment. */
    static final long RESTING_BYTES_MIN = 1L << 20;

    /** A workspace rests when nobody asked for an edit for so long. */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(3);

    /**
     * A chunk is stored whole for a few bytes written into it. So after a workspace was settled at rest, this part of what
     * that stored has to be written before it is again.
     */
    private static final int STORED_TO_WRITTEN = 4;

    private static final long PERIOD_MS = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private final Supplier<List<Repository>> repositories;
    private final Map<Workspace, Seen> seen = new WeakHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread settler = new Thread(task, "dogear-settler");
        settler.setDaemon(true);
        return settler;
    });

    Settler(Supplier<List<Repository>> repositories) {
        this.repositories = repositories;
        var unused = thread.scheduleWithFixedDelay(this::settle, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void settle() {
        for (Repository repository : repositories.get()) {
            try {
                settle(repository);
            } catch (RuntimeException e) {
                // The edits are in the journal still; the next round tries again.
                LOG.warn("The edits of {} could not be settled", repository.name(), e);
            }
        }
    }

    private void settle(Repository repository) {
        LiveRepository live = repository.live();
        live.workspaces().loaded().forEach(Workspace::trim);
        live.past().trim();
        if (repository.readOnlyReason() != null) {
            return;
        }
        for (Workspace workspace : live.workspaces().loaded()) {
            boolean lags = live.cut() - workspace.oldestNeeded() > LAG_BYTES_MAX;
            // Where room is short it is left to those who ask for something.
            if (isResting(workspace, live.cut() - workspace.cut())
                    && !repository.tables().roomIsShort()) {
                long before = live.cut();
                Seen now = seen(workspace);
                now.least *= 2; // unless this goes well
                settle(repository, workspace);
                now.least = Math.max(RESTING_BYTES_MIN, (live.cut() - before) / STORED_TO_WRITTEN);
            } else if (lags) {
                settle(repository, workspace);
            }
        }
    }

    private static void settle(Repository repository, Workspace workspace) {
        LiveRepository live = repository.live();
        repository
                .findBookmark(workspace.number())
                .ifPresent(bookmark -> live.exclusively(List.of(bookmark.name()), () -> live.settle(workspace)));
    }

    private boolean isResting(Workspace workspace, long bytes) {
        Seen before = seen(workspace);
        long edits = workspace.gate().edits();
        long now = System.nanoTime();
        if (edits != before.edits) {
            before.edits = edits;
            before.since = now;
        }
        return now - before.since >= REST_NANOS && bytes >= before.least && workspace.editCount() > 0;
    }

    private Seen seen(Workspace workspace) {
        return seen.computeIfAbsent(workspace, missing -> new Seen());
    }

    /** What was seen of a workspace. */
    private static final class Seen {
        long edits = -1;
        long since;
        /** How much has to be in the journal. */
        long least = RESTING_BYTES_MIN;
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

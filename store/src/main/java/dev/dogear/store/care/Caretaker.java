package dev.dogear.store.care;

import dev.dogear.store.change.Bookmark;
import dev.dogear.store.config.Config;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does now and then what nobody asks for: empties the trash of what has outlived its retention, deletes idle bookmarks
 * where that is configured and expired ones (by operations that can be undone), and goes on with collections that a death cut off. One
 * thread; looks at repositories that are open anyway.
 */
public final class Caretaker implements AutoCloseable {
    /** Who deletes idle bookmarks, in the operation log. */
    public static final String BY = "dogear";

    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration PERIOD = Duration.ofMinutes(30);
    private static final Duration EXPIRY_PERIOD = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread caretaker = new Thread(task, "dogear-caretaker");
        caretaker.setDaemon(true);
        return caretaker;
    });

    private Caretaker() {}

    /** Begins a minute from now. */
    public static Caretaker start(Store store) {
        Caretaker caretaker = new Caretaker();
        caretaker.thread.execute(() -> quietly("purges that were cut off", store::finishPurges));
        var unused = caretaker.thread.scheduleWithFixedDelay(
                () -> round(store), FIRST.toSeconds(), PERIOD.toSeconds(), TimeUnit.SECONDS);
        long seconds = EXPIRY_PERIOD.toSeconds();
        var unusedToo =
                caretaker.thread.scheduleWithFixedDelay(() -> expire(store), seconds, seconds, TimeUnit.SECONDS);
        return caretaker;
    }

    /** All there is to do now. */
    static void round(Store store) {
        quietly("the trash", store::emptyTrash);
        for (Repository repository : store.openRepositories()) {
            quietly(repository.name(), () -> {
                if (repository.upkeep().isCollectionCutOff()) {
                    LOG.info("a collection of {} was cut off and is done again", repository.name());
                    new GarbageCollector(repository, (stage, done, total) -> {}).run();
                }
                deleteIdle(repository);
            });
        }
    }

    /** Deletes the bookmarks that were to go by now. */
    static void expire(Store store) {
        for (Repository repository : store.openRepositories()) {
            quietly(repository.name(), () -> repository.upkeep().due().stream()
                    .filter(due -> !isKept(repository, due))
                    .forEach(due -> quietly(due.name(), () -> {
                        repository.deleteBookmark(due.name(), due.change(), BY);
                        repository.upkeep().keep(due.number());
                        LOG.info("the bookmark {} of {} has expired and is deleted", due.name(), repository.name());
                    })));
        }
    }

    /** The default one stays, a protected one, and one that waits for somebody who accepts it. */
    private static boolean isKept(Repository repository, Bookmark bookmark) {
        return bookmark.name().equals(repository.defaultBookmark())
                || repository.isProtected(bookmark.name())
                || !repository.proposalsOf(bookmark.name()).isEmpty();
    }

    private static void deleteIdle(Repository repository) {
        Config config = repository.config();
        Duration span = config.span(Setting.BOOKMARK_IDLE);
        if (span == null || config.list(Setting.BOOKMARK_CLEAN_UP).isEmpty()) {
            return;
        }
        for (Bookmark idle : repository.upkeep().idle(span, repository.defaultBookmark())) {
            if (config.matches(Setting.BOOKMARK_CLEAN_UP, idle.name()) && !isKept(repository, idle)) {
                repository.deleteBookmark(idle.name(), idle.change(), BY);
                LOG.info(
                        "the bookmark {} of {} was idle and is deleted; undo brings it back",
                        idle.name(),
                        repository.name());
            }
        }
    }

    private static void quietly(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.warn("Looking after {} failed and will be tried again", what, e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.warn("The caretaker did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.dogear.store.care;

import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Upkeep;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Relocation;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.conflict.RootObjects;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives back what nobody can reach any more: operations and abandoned changes that outlived their retention leave the rows,
 * then the objects that bookmarks, operations, changes and live workspaces lead to are copied into a new environment, which
 * takes the place of the old one. The repository is in use meanwhile; verbs wait for two moments.
 *
 * <p>What is marked is what was referred to at one moment between verbs. A verb that begins later can only come to refer to
 * objects that were reachable at that moment, that are new since, or that it wrote again; the last two are kept by
 * {@link Relocation}. A death at any point leaves either all of the old or all of the new; the next opening deletes the
 * other, and ids without objects are swept by the next collection.
 */
public final class GarbageCollector {
    /** Moments a test may come in between. */
    enum Point {
        EXPIRED,
        NOTED,
        MARKED,
        COPIED,
        REPLACED,
        SWEPT
    }

    /** Told how far it came. */
    @FunctionalInterface
    public interface Progress {
        /**
         * How much of a stage is done.
         *
         * @param total 0 if nobody knows
         */
        void at(String stage, long done, long total);
    }

    /**
     * What was collected, or would be.
     *
     * @param operations taken out of the log
     * @param changes taken out of the list
     * @param liveObjects kept
     * @param bytesBefore of the environment of objects
     * @param bytesAfter likewise; an estimate for a dry run
     */
    public record Report(long operations, long changes, long liveObjects, long bytesBefore, long bytesAfter) {
        /** What was given back. */
        public long reclaimedBytes() {
            return Math.max(0, bytesBefore - bytesAfter);
        }
    }

    private static final int TELL_EVERY = 1_000;
    private static final Upkeep.Expired NOTHING = new Upkeep.Expired(Set.of(), Map.of());

    private final Repository repository;
    private final Upkeep upkeep;
    private final Tables tables;
    private final Progress progress;
    private final Consumer<Point> points;

    public GarbageCollector(Repository repository, Progress progress) {
        this(repository, progress, point -> {});
    }

    GarbageCollector(Repository repository, Progress progress, Consumer<Point> points) {
        this.repository = repository;
        this.upkeep = repository.upkeep();
        this.tables = repository.tables();
        this.progress = progress;
        this.points = points;
    }

    /** Collects; waits for a check or another collection of the same repository. */
    public Report run() {
        return tables.undisturbed(() -> {
            upkeep.collecting(true);
            try {
                return collect();
            } finally {
                // A failed one is not tried again by itself: its caller was told.
                upkeep.collecting(false);
            }
        });
    }

    private Report collect() {
        finishEarlier();
        Upkeep.Expired expired = upkeep.expire();
        points.accept(Point.EXPIRED);
        long before = tables.sizes().objectsBytes();
        Started started = start();
        long live;
        try (Relocation moving = started.moving) {
            points.accept(Point.NOTED);
            // What has expired is out of the rows by now, but for what came into use again.
            mark(started, NOTHING);
            live = moving.marked();
            points.accept(Point.MARKED);
            moving.copy(done -> progress.at("copying", done, live));
            points.accept(Point.COPIED);
            upkeep.betweenVerbs(() -> {
                moving.finish();
                return true;
            });
        }
        points.accept(Point.REPLACED);
        progress.at("sweeping", 0, 0);
        tables.sweep();
        points.accept(Point.SWEPT);
        return new Report(
                expired.operations().size(),
                expired.changes().size(),
                live,
                before,
                tables.sizes().objectsBytes());
    }

    /** What {@link #run} would give back now; changes nothing. */
    public Report rehearse() {
        return tables.undisturbed(() -> {
            finishEarlier();
            Upkeep.Expired expired = upkeep.expired();
            long before = tables.sizes().objectsBytes();
            Started started = start();
            try (Relocation moving = started.moving) {
                mark(started, expired);
                long after = moving.storedBytes();
                return new Report(
                        expired.operations().size(), expired.changes().size(), moving.marked(), before, after);
            }
        });
    }

    private void finishEarlier() {
        if (tables.isToBeSwept()) {
            progress.at("sweeping", 0, 0);
            tables.sweep();
        }
    }

    /** A relocation and what was referred to when it began. */
    private record Started(Relocation moving, Upkeep.Snapshot snapshot) {}

    private Started start() {
        Started started = upkeep.betweenVerbs(() -> {
            Relocation moving = tables.relocate();
            try {
                return new Started(moving, upkeep.snapshot());
            } catch (RuntimeException e) {
                moving.close();
                throw e;
            }
        });
        // What a power cut can bring back must not be older than what was just noted.
        tables.journal().flush();
        return started;
    }

    private void mark(Started started, Upkeep.Expired expired) {
        Relocation moving = started.moving;
        Walk walk = new Walk(repository.objects(), id -> {
            boolean first = moving.mark(id);
            if (first && moving.marked() % TELL_EVERY == 0) {
                progress.at("marking", moving.marked(), 0);
            }
            return first;
        });
        Upkeep.Snapshot snapshot = started.snapshot;
        snapshot.roots().forEach(walk::root);
        snapshot.held().forEach(walk::entry);
        snapshot.commits().forEach(commit -> history(commit, moving, walk));
        upkeep.operations(snapshot.newestOperation(), 0, operation -> {
            if (!expired.operations().contains(operation.number())) {
                operation(operation, moving, walk);
            }
        });
        upkeep.changes((id, commits) ->
                expired.changes().getOrDefault(id, commits).forEach(commit -> history(commit, moving, walk)));
    }

    private void operation(LoggedOperation operation, Relocation moving, Walk walk) {
        for (LoggedOperation.Step step : operation.steps()) {
            state(step.before(), moving, walk);
            state(step.after(), moving, walk);
        }
        ChangeId saved = operation.saved();
        Change change = saved == null ? null : upkeep.change(saved);
        if (change != null) {
            history(change.commit(), moving, walk);
        }
        operation.amended().forEach(amended -> {
            history(amended.before(), moving, walk);
            history(amended.after(), moving, walk);
        });
    }

    private void state(@Nullable BookmarkState state, Relocation moving, Walk walk) {
        if (state != null) {
            walk.root(state.root());
            history(state.commit(), moving, walk);
        }
    }

    /** A commit with all it follows. */
    private void history(ObjectId commit, Relocation moving, Walk walk) {
        upkeep.follow(commit, next -> {
            Change change = upkeep.commit(next);
            boolean isNew = !change.id().equals(ChangeId.VIRTUAL_ROOT) && moving.mark(next);
            if (isNew) {
                walk.root(change.root());
            }
            return isNew;
        });
    }

    /** Goes down from roots and entries, into what was not marked before. */
    private record Walk(ObjectTable objects, Predicate<ObjectId> into) {
        void root(Root root) {
            RootObjects.visit(objects, root, into);
        }

        void entry(TreeEntry entry) {
            RootObjects.visit(objects, entry, into);
        }
    }
}

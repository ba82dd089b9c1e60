package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.BookmarkDifference;
import dev.dogear.store.change.Verbs.RevertResult;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.Bookmarks;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.history.log.LoggedOperation.Step;
import dev.dogear.store.history.log.MergeInputs;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.TreeMerge;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reverts one operation of a repository, whatever followed it. A bookmark that still shows what the operation made of it
 * goes back to the recorded state. At one that moved on, what the operation did is taken out by a three-way merge (base:
 * the state after it, theirs: the state before it, ours: now), and the result is a new change on top.
 */
final class OperationUndo {
    private final LiveRepository repository;
    private final LoggedOperation operation;
    private final String by;
    private final Instant now;
    private final Set<String> merged = new HashSet<>();
    private @Nullable ChangeId saved;

    OperationUndo(LiveRepository repository, long operation, String by) {
        this.repository = repository;
        this.operation = repository.history().operation(operation);
        this.by = by;
        this.now = repository.now();
    }

    RevertResult run(boolean dryRun) {
        if (operation.kind().movesNothing()) {
            throw new StoreException(
                    Kind.STALE,
                    "Operation " + operation.number() + " is about proposal " + operation.proposal()
                            + " and moved no bookmark, so there is nothing to undo: approve, reject or propose anew.");
        }
        List<String> named = operation.steps().stream().map(Step::bookmark).toList();
        return repository.exclusively(named, () -> {
            Bookmarks present = repository.history().bookmarks();
            Switching switching = new Switching(
                    repository,
                    named.stream().filter(name -> present.get(name) != null).toList());
            return result(dryRun ? switching.preview(this::decide) : switching.run(this::decide));
        });
    }

    private Switching.Plan decide(Switching gathered) {
        List<LongFunction<Step>> steps = new ArrayList<>();
        for (Step step : operation.steps()) {
            LongFunction<Step> back = back(step, gathered);
            if (back != null) {
                steps.add(back);
            }
        }
        // What was taken out of what followed is on top of the amended changes, which stay.
        ImmutableList<LoggedOperation.Amended> amended =
                merged.isEmpty() ? repository.history().back(operation) : ImmutableList.of();
        if (steps.isEmpty() && amended.isEmpty()) {
            throw new StoreException(
                    Kind.STALE, "Nothing is left of operation " + operation.number() + " that could be undone.");
        }
        return number -> new LoggedOperation(
                number,
                Operation.Kind.UNDO,
                by,
                now,
                operation.number(),
                saved,
                steps.stream().map(step -> step.apply(number)).collect(ImmutableList.toImmutableList()),
                amended);
    }

    /** How one bookmark goes back, or null if nothing of the operation is left there. */
    private @Nullable LongFunction<Step> back(Step step, Switching gathered) {
        BookmarkState before = step.before();
        BookmarkState after = step.after();
        BookmarkState current = repository.history().bookmarks().get(step.bookmark());
        if (after == null) {
            return before == null ? null : returned(step.bookmark(), before, current);
        }
        if (current == null && before == null) {
            return null;
        }
        if (current == null || current.number() != after.number()) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + step.bookmark() + " of operation " + operation.number()
                            + " is gone or another one of this name: bring it back first, by an undo of its deletion.");
        }
        return before == null
                ? removed(step.bookmark(), gathered, after)
                : reverted(step.bookmark(), gathered, before, after);
    }

    private LongFunction<Step> returned(String bookmark, BookmarkState before, @Nullable BookmarkState current) {
        if (current != null) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + bookmark + " would come back, but there is one of this name: delete that first.");
        }
        return number -> {
            repository.history().bookmarks().requireFree(bookmark);
            return new Step(bookmark, null, before.restored(number, now));
        };
    }

    private LongFunction<Step> removed(String bookmark, Switching gathered, BookmarkState after) {
        Switching.Live live = gathered.live(bookmark);
        if (operation.kind() == Operation.Kind.CREATE) {
            throw new StoreException(
                    Kind.INVALID, "The repository began with this operation: delete the repository instead.");
        }
        if (!live.state().commit().equals(after.commit())) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + bookmark + " has moved on since it began: delete it instead of undoing that.");
        }
        saveAside(gathered, live);
        return number -> Switching.step(bookmark, live, null);
    }

    private @Nullable LongFunction<Step> reverted(
            String bookmark, Switching gathered, BookmarkState before, BookmarkState after) {
        Switching.Live live = gathered.live(bookmark);
        boolean nothingFollowed = live.state().commit().equals(after.commit()) && same(live.root(), after.root());
        if (nothingFollowed) {
            saveAside(gathered, live);
            return number -> Switching.step(bookmark, live, before.restored(number, now));
        }
        MergeOptions options = new MergeOptions(
                Timestamp.of(now), bookmark, "operation " + operation.number(), repository.workspaces()::newFileId);
        Root without = MergeInputs.clean(
                repository.history().objects(),
                TreeMerge.merge(repository.history().objects(), after.root(), live.root(), before.root(), options));
        return same(live.root(), without) ? null : onTop(bookmark, gathered, without);
    }

    /** The merged tree as a change of its own, above the edits if there are any. */
    private LongFunction<Step> onTop(String bookmark, Switching gathered, Root shown) {
        Switching.Live live = gathered.live(bookmark);
        Change edits = saveAside(gathered, live);
        Change below =
                edits != null ? edits : repository.history().commit(live.state().commit());
        Change change = gathered.store(repository.draft(
                shown,
                List.of(below),
                List.of(),
                LiveRepository.person(by),
                "Undo operation " + operation.number() + "."));
        merged.add(bookmark);
        return number -> Switching.step(bookmark, live, live.state().movedTo(change, number, now));
    }

    private @Nullable Change saveAside(Switching gathered, Switching.Live live) {
        Change aside = gathered.saveAside(live, by, "edits before an undo");
        saved = saved == null && aside != null ? aside.id() : saved;
        return aside;
    }

    private boolean same(Root left, Root right) {
        return RootDiff.between(repository.history().objects(), left, right).isEmpty();
    }

    private RevertResult result(LoggedOperation undo) {
        return new RevertResult(
                undo.summary(), undo.steps().stream().map(this::difference).collect(ImmutableList.toImmutableList()));
    }

    private BookmarkDifference difference(Step step) {
        BookmarkState before = step.before();
        BookmarkState after = step.after();
        List<PathChange> paths = before == null || after == null
                ? List.of()
                : RootDiff.between(repository.history().objects(), before.root(), after.root());
        return new BookmarkDifference(
                step.bookmark(),
                before == null ? null : before.change(),
                after == null ? null : after.change(),
                merged.contains(step.bookmark()),
                paths);
    }
}

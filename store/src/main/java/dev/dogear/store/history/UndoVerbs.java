package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.change.Verbs.UndoResult;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.tree.merge.PathRestore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Undo and redo of one bookmark. Each bookmark remembers the operation an undo would revert ({@code position}) and the
 * undo a redo would revert ({@code redo}); both go back to the state which that operation recorded as the one before it.
 */
final class UndoVerbs {
    /** Stands for the edits where else the number of an operation to revert is. */
    private static final long EDITS = 0;

    private final LiveRepository repository;
    private final Once once;

    /** @param once made of verb, caller and bookmark */
    UndoVerbs(LiveRepository repository, Once once) {
        this.repository = repository;
        this.once = once;
    }

    UndoResult undo(String bookmark, UndoRequest request, String by) {
        int checkpoints = request.checkpoints();
        if (checkpoints < 0) {
            throw new StoreException(Kind.INVALID, "The number of checkpoints to undo is 1 or more.");
        }
        if (!request.paths().isEmpty()) {
            return travel(
                    bookmark,
                    state -> List.of(bookmark),
                    request.dryRun(),
                    gathered -> somePaths(bookmark, request, by, gathered));
        }
        if (checkpoints == 0 && repository.history().bookmarks().get(bookmark) == null) {
            return repository.exclusively(
                    List.of(bookmark),
                    () -> result(bookmark, new Revival(repository, once).run(bookmark, request.dryRun(), by)));
        }
        return travel(bookmark, state -> alsoMoved(bookmark, state.position()), request.dryRun(), gathered -> {
            Switching.Live live = gathered.live(bookmark);
            long reverted = reverted(bookmark, live, checkpoints);
            return reverted == EDITS
                    ? dropEdits(bookmark, by, gathered)
                    : revert(Operation.Kind.UNDO, bookmark, reverted, by, gathered);
        });
    }

    /** The operation that an undo reverts, or {@link #EDITS}. */
    private long reverted(String bookmark, Switching.Live live, int checkpoints) {
        if (checkpoints > 0) {
            return nthCheckpoint(bookmark, live, checkpoints);
        }
        if (!repository.edits(live.state(), live.root()).isEmpty()) {
            return EDITS;
        }
        if (live.state().position() == 0) {
            throw new StoreException(Kind.STALE, "There is nothing to undo in " + bookmark + ".");
        }
        return live.state().position();
    }

    /** Takes some paths from the state that an undo of the whole bookmark would show. */
    private Switching.Plan somePaths(String bookmark, UndoRequest request, String by, Switching gathered) {
        Switching.Live live = gathered.live(bookmark);
        Instant now = repository.now();
        Root back = new PathRestore(
                        repository.history().objects(),
                        live.root(),
                        before(bookmark, live, request.checkpoints()),
                        Timestamp.of(now),
                        repository.workspaces()::newFileId)
                .of(request.paths());
        if (back.equals(live.root())) {
            throw new StoreException(
                    Kind.STALE,
                    "There is nothing to undo at these paths since the last checkpoint or operation of " + bookmark
                            + ": name the number of checkpoints to go further back.");
        }
        return showing(back, bookmark, by, now, gathered);
    }

    /** What an undo of the whole bookmark would show. */
    private Root before(String bookmark, Switching.Live live, int checkpoints) {
        long reverted = reverted(bookmark, live, checkpoints);
        if (reverted == EDITS) {
            return repository.history().commit(live.state().commit()).root();
        }
        LoggedOperation.Step step =
                Objects.requireNonNull(repository.history().operation(reverted).step(bookmark));
        return Objects.requireNonNull(step.before()).root();
    }

    UndoResult redo(String bookmark, boolean dryRun, String by) {
        return travel(bookmark, state -> alsoMoved(bookmark, state.redo()), dryRun, gathered -> {
            Switching.Live live = gathered.live(bookmark);
            if (live.state().redo() == 0) {
                throw new StoreException(
                        Kind.STALE,
                        "There is nothing to redo in " + bookmark
                                + ": no undo came last. Earlier states are in the operations and can be restored by id.");
            }
            // What the undo itself brought back as edits is no obstacle: it is in the state to be shown again, or was
            // undone with it.
            if (!RootDiff.between(repository.history().objects(), live.state().root(), live.root())
                    .isEmpty()) {
                throw new StoreException(
                        Kind.STALE,
                        "There are new edits in " + bookmark
                                + " since the undo: undo them first, or checkpoint them to keep them instead.");
            }
            return revert(Operation.Kind.REDO, bookmark, live.state().redo(), by, gathered);
        });
    }

    /** Other bookmarks of that operation that would go back with this one and are there now. */
    private List<String> alsoMoved(String bookmark, long operation) {
        List<String> names = new ArrayList<>(List.of(bookmark));
        if (operation != 0) {
            for (LoggedOperation.Step step :
                    repository.history().operation(operation).steps()) {
                if (!step.bookmark().equals(bookmark)
                        && repository.history().bookmarks().get(step.bookmark()) != null) {
                    names.add(step.bookmark());
                }
            }
        }
        return names;
    }

    private UndoResult travel(
            String bookmark,
            Function<BookmarkState, List<String>> involved,
            boolean dryRun,
            Switching.Decision decision) {
        while (true) {
            List<String> names = involved.apply(repository.bookmark(bookmark));
            UndoResult result = repository.exclusively(names, () -> {
                if (!involved.apply(repository.bookmark(bookmark)).equals(names)) {
                    return null;
                }
                Once.Done done = once.done();
                if (done != null) {
                    return result(bookmark, repository.history().operation(done.operation()));
                }
                Switching switching = new Switching(repository, names);
                return result(
                        bookmark,
                        dryRun ? switching.preview(decision) : switching.run(once.remembering(bookmark, decision)));
            });
            if (result != null) {
                return result;
            }
        }
    }

    private Switching.Plan dropEdits(String bookmark, String by, Switching gathered) {
        Switching.Live live = gathered.live(bookmark);
        Root head = repository.history().commit(live.state().commit()).root();
        return showing(head, bookmark, by, repository.now(), gathered);
    }

    /** An undo of edits: the bookmark's change stays, its directory shows that root, the edits are kept aside. */
    private Switching.Plan showing(Root root, String bookmark, String by, Instant now, Switching gathered) {
        Switching.Live live = gathered.live(bookmark);
        Change saved = saveAside(live, by, gathered);
        return number -> new LoggedOperation(
                number,
                Operation.Kind.UNDO,
                by,
                now,
                0,
                saved == null ? null : saved.id(),
                ImmutableList.of(Switching.step(
                        bookmark, live, live.state().showing(root).restored(number, now))));
    }

    private Switching.Plan revert(Operation.Kind kind, String bookmark, long reverted, String by, Switching gathered) {
        LoggedOperation operation = repository.history().operation(reverted);
        Switching.Live live = gathered.live(bookmark);
        Change saved = saveAside(live, by, gathered);
        Instant now = repository.now();
        return number -> {
            ImmutableList.Builder<LoggedOperation.Step> steps = ImmutableList.builder();
            for (LoggedOperation.Step step : operation.steps()) {
                LoggedOperation.Step back = step.bookmark().equals(bookmark)
                        ? own(kind, step, live, number, now)
                        : companion(step, gathered, now);
                if (back != null) {
                    steps.add(back);
                }
            }
            ImmutableList<LoggedOperation.Step> back = steps.build();
            return new LoggedOperation(
                    number, kind, by, now, reverted, saved == null ? null : saved.id(), back, amended(operation, back));
        };
    }

    /** Amended changes as they were, and each bookmark's own change as the bookmark has it. */
    private ImmutableList<LoggedOperation.Amended> amended(
            LoggedOperation reverted, ImmutableList<LoggedOperation.Step> back) {
        Map<ChangeId, LoggedOperation.Amended> amended = new LinkedHashMap<>();
        repository.history().back(reverted).forEach(each -> amended.put(each.change(), each));
        for (LoggedOperation.Step step : back) {
            BookmarkState after = step.after();
            Change now = after == null ? null : repository.history().change(after.change());
            if (after != null && now != null && !now.commit().equals(after.commit())) {
                amended.putIfAbsent(
                        after.change(), new LoggedOperation.Amended(after.change(), now.commit(), after.commit()));
            }
        }
        return ImmutableList.copyOf(amended.values());
    }

    private static LoggedOperation.Step own(
            Operation.Kind kind, LoggedOperation.Step step, Switching.Live live, long number, Instant now) {
        BookmarkState before = step.before();
        if (before == null && kind == Operation.Kind.REDO) {
            // What is done again is a deletion that was undone.
            return Switching.step(step.bookmark(), live, null);
        }
        if (before == null) {
            throw new StoreException(
                    Kind.STALE, "The bookmark " + step.bookmark() + " began there: delete it instead of undoing that.");
        }
        // Going back, a redo reverts this operation; going forward, whatever it would have reverted before the undo.
        long redo = kind == Operation.Kind.UNDO ? number : before.redo();
        return Switching.step(step.bookmark(), live, before.restored(redo, now));
    }

    /** How another bookmark of the reverted operation goes back with it, or null if it has moved on by itself. */
    private LoggedOperation.@Nullable Step companion(LoggedOperation.Step step, Switching gathered, Instant now) {
        BookmarkState before = step.before();
        BookmarkState current = repository.history().bookmarks().get(step.bookmark());
        if (current == null) {
            if (step.after() != null || before == null) {
                return null;
            }
            repository.history().bookmarks().requireFree(step.bookmark());
            return new LoggedOperation.Step(step.bookmark(), null, before.restored(before.redo(), now));
        }
        BookmarkState after = step.after();
        if (after == null) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + step.bookmark()
                            + " would come back, but there is another one of this name: move or delete that first.");
        }
        boolean movedOn = !after.commit().equals(current.commit()) || after.number() != current.number();
        if (movedOn) {
            return null;
        }
        return Switching.step(
                step.bookmark(),
                gathered.live(step.bookmark()),
                before == null ? null : before.restored(before.redo(), now));
    }

    private @Nullable Change saveAside(Switching.Live live, String by, Switching gathered) {
        return gathered.saveAside(live, by, "edits before an undo");
    }

    /** The operation that made the n-th last checkpoint before the bookmark's position. */
    private long nthCheckpoint(String bookmark, Switching.Live live, int checkpoints) {
        long at = live.state().position();
        int seen = 0;
        while (at != 0) {
            LoggedOperation operation = repository.history().operation(at);
            if (operation.kind() == Operation.Kind.CHECKPOINT && ++seen == checkpoints) {
                return at;
            }
            LoggedOperation.Step step = Objects.requireNonNull(operation.step(bookmark));
            BookmarkState before = step.before();
            at = before == null ? 0 : before.position();
        }
        throw new StoreException(
                Kind.STALE, "The bookmark " + bookmark + " has only " + seen + " checkpoints that can be undone.");
    }

    private UndoResult result(String bookmark, LoggedOperation operation) {
        LoggedOperation.Step step = Objects.requireNonNull(operation.step(bookmark));
        BookmarkState before = step.before();
        BookmarkState after = step.after();
        if (before == null || after == null) {
            // It came back or went as a whole.
            BookmarkState there = Objects.requireNonNull(before == null ? after : before);
            return new UndoResult(operation.summary(), there.change(), there.change(), operation.saved(), List.of());
        }
        Root shownBefore = before.root();
        List<PathChange> paths = RootDiff.between(repository.history().objects(), shownBefore, after.root());
        return new UndoResult(operation.summary(), before.change(), after.change(), operation.saved(), paths);
    }

    /** The undo of a bookmark's deletion: it is back as it was, edits included, under the same number. */
    private static final class Revival {
        private final LiveRepository repository;
        private final Once once;

        Revival(LiveRepository repository, Once once) {
            this.repository = repository;
            this.once = once;
        }

        /**
         * @param dryRun make the operation and do not carry it out
         * @throws StoreException NOT_FOUND if there never was such a bookmark; STALE if a merge deleted it
         */
        LoggedOperation run(String bookmark, boolean dryRun, String by) {
            LoggedOperation deletion = deletion(bookmark);
            if (deletion.kind() == Operation.Kind.MERGE) {
                String target = deletion.steps().stream()
                        .map(LoggedOperation.Step::bookmark)
                        .filter(name -> !name.equals(bookmark))
                        .findFirst()
                        .orElse("");
                throw new StoreException(
                        Kind.STALE,
                        "The bookmark " + bookmark + " was deleted by a merge: undo that of " + target + " instead.");
            }
            LoggedOperation.Step step = Objects.requireNonNull(deletion.step(bookmark));
            BookmarkState before = Objects.requireNonNull(step.before());
            Instant now = repository.now();
            Switching switching = new Switching(repository, List.of());
            Switching.Decision decision = gathered -> number -> {
                repository.history().bookmarks().requireFree(bookmark);
                return new LoggedOperation(
                        number,
                        Operation.Kind.UNDO,
                        by,
                        now,
                        deletion.number(),
                        null,
                        ImmutableList.of(new LoggedOperation.Step(bookmark, null, before.restored(number, now))));
            };
            return dryRun ? switching.preview(decision) : switching.run(once.remembering(bookmark, decision));
        }

        /** The newest operation that deleted the bookmark. */
        private LoggedOperation deletion(String bookmark) {
            LoggedOperation[] found = new LoggedOperation[1];
            repository.history().newestFirst(Long.MAX_VALUE, operation -> {
                LoggedOperation.Step step = operation.step(bookmark);
                found[0] = step != null && step.after() == null ? operation : null;
                return found[0] == null;
            });
            if (found[0] == null) {
                throw new StoreException(Kind.NOT_FOUND, "There is no bookmark " + bookmark);
            }
            return found[0];
        }
    }
}

package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.Answers;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Names;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.NewBookmark;
import dev.dogear.store.config.Rules;
import dev.dogear.store.history.log.BookmarkFacts;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes, moves and deletes bookmarks, and puts a tree from outside, or answers for conflicts, on one. */
final class BookmarkVerbs {
    private final LiveRepository repository;

    BookmarkVerbs(LiveRepository repository) {
        this.repository = repository;
    }

    Bookmark create(NewBookmark request, Change at, String by) {
        String name = request.name();
        Names.requireBookmark(name);
        BookmarkState created = repository.exclusively(List.of(name), () -> {
            repository.history().bookmarks().requireFree(name);
            requireAllowed(name);
            Instant now = repository.now();
            BookmarkState state = new BookmarkState(
                    repository.workspaces().newNumber(), at.id(), at.commit(), at.root(), 0, 0, now, now);
            repository
                    .publish(rows(request, state), number -> {
                        // Again, now that no other verb can publish: two names created at once may clash.
                        repository.history().bookmarks().requireFree(name);
                        requireAllowed(name);
                        return new LoggedOperation(
                                number,
                                Operation.Kind.CREATE_BOOKMARK,
                                by,
                                now,
                                0,
                                null,
                                ImmutableList.of(new LoggedOperation.Step(name, null, state)));
                    })
                    .await();
            Instant expiry = expiry(request, state);
            if (expiry != null) {
                repository.history().facts().noteExpiry(expiry);
            }
            return state;
        });
        repository.viewer().namesChanged(repository.workspaces().repositoryName(), name);
        return created.named(name);
    }

    private List<Row> rows(NewBookmark request, BookmarkState state) {
        List<Row> rows = new ArrayList<>();
        rows.add(LiveRepository.workspaceRow(state.number(), state.root(), repository.cut()));
        rows.add(BookmarkFacts.origin(state.number(), new BookmarkFacts.Origin(request.origin(), state.change())));
        Instant expiry = expiry(request, state);
        if (expiry != null) {
            rows.add(BookmarkFacts.expiry(state.number(), expiry));
        }
        return rows;
    }

    /** When it is to go; null for never. */
    private static @Nullable Instant expiry(NewBookmark request, BookmarkState state) {
        Duration life = request.life();
        return life == null ? null : state.created().plus(life);
    }

    private void requireAllowed(String name) {
        Rules.requireBookmark(
                repository.settings().now(),
                name,
                () -> repository.history().bookmarks().all().size());
    }

    Bookmark move(String name, Change to, @Nullable ChangeId expected, String by) {
        return repository.exclusively(List.of(name), () -> {
            LiveRepository.requireAt(name, repository.bookmark(name), expected);
            Instant now = repository.now();
            new Switching(repository, List.of(name)).run(gathered -> {
                Switching.Live live = gathered.live(name);
                Change saved = gathered.saveAside(live, by, "edits before a move");
                return plan(
                        Operation.Kind.MOVE,
                        by,
                        saved,
                        number -> Switching.step(name, live, live.state().movedTo(to, number, now)));
            });
            return repository.bookmark(name).named(name);
        });
    }

    void delete(String name, @Nullable ChangeId expected, String by) {
        repository.exclusively(List.of(name), () -> {
            LiveRepository.requireAt(name, repository.bookmark(name), expected);
            return new Switching(repository, List.of(name)).run(gathered -> {
                Switching.Live live = gathered.live(name);
                Change saved = gathered.saveAside(live, by, "edits before a deletion");
                return plan(Operation.Kind.DELETE_BOOKMARK, by, saved, number -> Switching.step(name, live, null));
            });
        });
    }

    /** @param tree makes the new root from the one shown now */
    CheckpointResult replaceTree(String name, Function<Root, Root> tree, String message, String by) {
        return repository.exclusively(List.of(name), () -> {
            BookmarkState state = repository.bookmark(name);
            Workspace workspace = repository.workspace(state);
            repository.viewer().push(workspace);
            Root before = repository.settle(workspace);
            Root replacement = tree.apply(before);
            repository.workspaces().quota().requireNames(before, replacement);
            Change head = repository.history().commit(state.commit());
            List<PathChange> paths = repository.edits(state, replacement);
            Instant now = repository.now();
            new Switching(repository, List.of(name)).run(gathered -> {
                Switching.Live live = gathered.live(name);
                Change saved = gathered.saveAside(live, by, "edits before an import");
                Change change = repository
                        .history()
                        .store(
                                repository.draft(
                                        replacement,
                                        List.of(saved == null ? head : saved),
                                        List.of(),
                                        LiveRepository.person(by),
                                        message),
                                gathered.rows());
                return plan(
                        Operation.Kind.IMPORT,
                        by,
                        saved,
                        number -> Switching.step(name, live, live.state().movedTo(change, number, now)));
            });
            Change made = repository.history().commit(repository.bookmark(name).commit());
            return new CheckpointResult(made, paths.size(), CheckpointVerb.contentBytes(paths), false);
        });
    }

    /** The one step of an operation, made when its number is known. */
    private interface StepOf {
        LoggedOperation.Step step(long number);
    }

    private Switching.Plan plan(Operation.Kind kind, String by, @Nullable Change saved, StepOf step) {
        Instant now = repository.now();
        return number -> new LoggedOperation(
                number, kind, by, now, 0, saved == null ? null : saved.id(), ImmutableList.of(step.step(number)));
    }

    /** Decides conflicted paths, as edits; an operation of its own. */
    Root resolve(String bookmark, List<Merging.Answer> answers, String by) {
        return repository.exclusively(List.of(bookmark), () -> {
            Switching switching = new Switching(repository, List.of(bookmark));
            switching.run(gathered -> {
                Switching.Live live = gathered.live(bookmark);
                Instant now = repository.now();
                Answers decided = new Answers(
                        repository.history().objects(), Timestamp.of(now), repository.workspaces()::newFileId);
                Root root = live.root();
                for (Merging.Answer answer : answers) {
                    root = decided.apply(root, answer);
                }
                Root shown = root;
                return number -> new LoggedOperation(
                        number,
                        Operation.Kind.RESOLVE,
                        by,
                        now,
                        0,
                        null,
                        ImmutableList.of(
                                Switching.step(bookmark, live, live.state().edited(shown, now))));
            });
            return repository.bookmark(bookmark).root();
        });
    }
}

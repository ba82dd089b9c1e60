package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Metadata;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.config.Rules;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.object.DecodedObjects;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.workspace.Frozen;
import dev.dogear.store.workspace.Workspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Freezes the edits of a workspace, stores them as a change and moves the bookmark to it. */
final class CheckpointVerb {
    private final LiveRepository repository;

    CheckpointVerb(LiveRepository repository) {
        this.repository = repository;
    }

    /**
     * As somebody asks for it: with the metadata that the repository asks for.
     *
     * @param key null: as often as it is asked for
     */
    CheckpointResult run(String bookmark, CheckpointRequest request, String by, @Nullable String key) {
        repository.bookmark(bookmark);
        Rules.requireMetadata(repository.settings().now(), Metadata.append(request.message(), request.metadata()));
        Once once = Once.of(repository, key, "checkpoint", by, bookmark);
        return repository.exclusively(List.of(bookmark), () -> {
            Once.Done done = once.done();
            return done == null ? checkpoint(bookmark, request, by, once) : result(bookmark, done);
        });
    }

    /** As the daemon makes it unasked: nobody is there to give metadata, and no edit is to be lost for that. */
    CheckpointResult unasked(String bookmark, CheckpointRequest request, String by) {
        return repository.exclusively(
                List.of(bookmark), () -> checkpoint(bookmark, request, by, Once.of(repository, null, "checkpoint")));
    }

    private CheckpointResult result(String bookmark, Once.Done done) {
        Change change = repository.history().commit(done.commit());
        if (done.operation() == 0) {
            return new CheckpointResult(change, 0, 0, true);
        }
        LoggedOperation.Step step = Objects.requireNonNull(
                repository.history().operation(done.operation()).step(bookmark));
        List<PathChange> paths = repository.edits(
                Objects.requireNonNull(step.before()),
                Objects.requireNonNull(step.after()).root());
        return new CheckpointResult(change, paths.size(), contentBytes(paths), false);
    }

    private CheckpointResult checkpoint(String bookmark, CheckpointRequest request, String by, Once once) {
        BookmarkState state = repository.bookmark(bookmark);
        LiveRepository.requireAt(bookmark, state, request.expected());
        String message = Metadata.append(request.message(), request.metadata());
        Workspace workspace = repository.workspace(state);
        repository.viewer().push(workspace);
        Frozen frozen = workspace.freeze();
        // Storing, splitting and comparing come to the same nodes.
        ObjectTable objects = new DecodedObjects(repository.history().objects());
        Versioned.Split split = repository.versioned().split(objects, workspace, frozen.store(objects));
        Root root = split.part();
        Change head = repository.history().commit(state.commit());
        List<PathChange> paths = repository.edits(objects, state, root);
        if (paths.isEmpty() && !request.allowEmpty()) {
            once.rememberNothing(head.commit());
            return new CheckpointResult(head, 0, 0, true);
        }
        List<Row> rows = new ArrayList<>();
        Change change = repository
                .history()
                .store(
                        repository.draft(root, List.of(head), request.authors(), LiveRepository.person(by), message),
                        rows);
        rows.addAll(repository.versioned().rows(workspace.number(), split, frozen.cut()));
        Instant now = repository.now();
        repository
                .publish(rows, number -> {
                    once.remember(rows, new Once.Done(number, change.commit(), false));
                    return new LoggedOperation(
                            number,
                            Operation.Kind.CHECKPOINT,
                            by,
                            now,
                            0,
                            null,
                            ImmutableList.of(new LoggedOperation.Step(
                                    bookmark, state.showing(head.root()), state.movedTo(change, number, now))));
                })
                .await();
        workspace.settle(frozen, split.whole());
        repository.versioned().published(workspace.number(), split);
        return new CheckpointResult(change, paths.size(), contentBytes(paths), false);
    }

    static long contentBytes(List<PathChange> paths) {
        long bytes = 0;
        for (PathChange path : paths) {
            TreeEntry after = path.after();
            TreeEntry before = path.before();
            if (after != null && after.type() == EntryType.FILE && (before == null || !after.sameContent(before))) {
                bytes += after.size();
            }
        }
        return bytes;
    }

    /**
     * Another message for the change a bookmark points at: a new commit under the same change id. The bookmark's undo still
     * reverts what made the change, as if it had been made with that message.
     *
     * @throws StoreException STALE unless the bookmark points at that change
     */
    Change reword(String bookmark, ChangeId id, String message, String by) {
        Rules.requireMetadata(repository.settings().now(), message);
        return repository.exclusively(List.of(bookmark), () -> {
            BookmarkState state = repository.bookmark(bookmark);
            LiveRepository.requireAt(bookmark, state, id);
            if (id.equals(ChangeId.VIRTUAL_ROOT)) {
                throw new StoreException(Kind.INVALID, "The virtual root has no message");
            }
            Change old = repository.history().commit(state.commit());
            List<Row> rows = new ArrayList<>();
            Change reworded = repository.history().storeAmended(withMessage(old, message), rows);
            BookmarkState after = new BookmarkState(
                    state.number(),
                    id,
                    reworded.commit(),
                    state.root(),
                    state.position(),
                    state.redo(),
                    state.created(),
                    state.updated());
            repository
                    .publish(
                            rows,
                            number -> new LoggedOperation(
                                    number,
                                    Operation.Kind.CHECKPOINT,
                                    by,
                                    repository.now(),
                                    0,
                                    null,
                                    ImmutableList.of(new LoggedOperation.Step(bookmark, state, after))))
                    .await();
            return reworded;
        });
    }

    private static Change withMessage(Change old, String message) {
        return new Change(
                old.id(),
                old.commit(),
                old.parents(),
                old.root(),
                old.authors(),
                old.committer(),
                message,
                old.created(),
                old.generation());
    }
}

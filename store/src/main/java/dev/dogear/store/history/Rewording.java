package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * Another message for the change a bookmark points at: a new commit under the same change id. The bookmark's undo still
 * reverts what made the change, as if it had been made with that message.
 */
final class Rewording {
    private final LiveRepository repository;

    Rewording(LiveRepository repository) {
        this.repository = repository;
    }

    /** @throws StoreException STALE unless the bookmark points at that change */
    Change run(String bookmark, ChangeId id, String message, String by) {
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

package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Operation;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** The undo of a bookmark's deletion: it is back as it was, edits included, under the same number. */
final class Revival {
    private static final int READ_AT_ONCE = 256;

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
        long before = Long.MAX_VALUE;
        while (true) {
            List<LoggedOperation> some = repository.history().operations(before, READ_AT_ONCE);
            for (LoggedOperation operation : some) {
                LoggedOperation.Step step = operation.step(bookmark);
                if (step != null && step.after() == null) {
                    return operation;
                }
                before = operation.number();
            }
            if (some.size() < READ_AT_ONCE) {
                throw new StoreException(Kind.NOT_FOUND, "There is no bookmark " + bookmark);
            }
        }
    }
}

package dev.dogear.store.history;

import com.google.common.primitives.Ints;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Operation;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which bookmarks of a repository are protected: their directories take no edits, and they move by merge alone. Kept in
 * {@link Table#META} by the bookmark's number, which no other bookmark ever gets.
 */
final class Protection {
    private static final byte[] PREFIX = "protected ".getBytes(StandardCharsets.UTF_8);

    private static final byte[] PROTECTED = {1};

    private final Tables tables;
    private final Set<Integer> numbers = ConcurrentHashMap.newKeySet();

    Protection(Tables tables) {
        this.tables = tables;
        tables.scanPrefix(Table.META, PREFIX, (key, value) -> {
            numbers.add(Ints.fromByteArray(Arrays.copyOfRange(key, PREFIX.length, key.length)));
            return true;
        });
    }

    boolean coversAny() {
        return !numbers.isEmpty();
    }

    boolean covers(int bookmark) {
        return numbers.contains(bookmark);
    }

    /**
     * Begins or ends the protection of a bookmark.
     *
     * @throws StoreException STALE if it is to begin and there are edits, which nobody could checkpoint any more
     */
    void set(LiveRepository live, String bookmark, boolean on) {
        CompletableFuture<Void> published = live.exclusively(List.of(bookmark), () -> {
            BookmarkState state = live.bookmark(bookmark);
            Workspace workspace = live.workspace(state);
            live.viewer().push(workspace);
            workspace.gate().close();
            try {
                if (on && !live.edits(state, live.settle(workspace)).isEmpty()) {
                    throw new StoreException(
                            Kind.STALE,
                            "The bookmark " + bookmark + " has edits: checkpoint or undo them before it is protected.");
                }
                CompletableFuture<Void> durable =
                        tables.publish(List.of(new Row(Table.META, key(state.number()), on ? PROTECTED : null)));
                if (on) {
                    numbers.add(state.number());
                } else {
                    numbers.remove(state.number());
                }
                workspace.gate().setReadOnly(on);
                return durable;
            } finally {
                workspace.gate().open();
            }
        });
        LiveRepository.await(published);
        if (on) {
            dropLateWrites(live, live.workspace(live.bookmark(bookmark)));
        }
    }

    /** What a mount still holds of files that were open for writing comes too late: it is refused, and then forgotten. */
    private static void dropLateWrites(LiveRepository live, Workspace workspace) {
        live.viewer().push(workspace);
        List<Viewer.Stale> stale = workspace.writableFiles().stream()
                .<Viewer.Stale>map(file -> new Viewer.Stale.Inode(file, true, true))
                .toList();
        live.viewer().forget(workspace, stale);
    }

    /** @throws StoreException READ_ONLY if the operation would move or delete a protected bookmark, and is no merge into it */
    void check(LoggedOperation operation) {
        if (operation.kind().movesNothing()) {
            return;
        }
        for (LoggedOperation.Step step : operation.steps()) {
            BookmarkState before = step.before();
            boolean merged = operation.kind() == Operation.Kind.MERGE && step.after() != null;
            if (before != null && covers(before.number()) && !merged) {
                throw new StoreException(
                        Kind.READ_ONLY, "The bookmark " + step.bookmark() + " is protected: it moves by merge alone");
            }
        }
    }

    private static byte[] key(int bookmark) {
        byte[] key = Arrays.copyOf(PREFIX, PREFIX.length + Integer.BYTES);
        System.arraycopy(Ints.toByteArray(bookmark), 0, key, PREFIX.length, Integer.BYTES);
        return key;
    }
}

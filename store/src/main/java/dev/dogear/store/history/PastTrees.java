package dev.dogear.store.history;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import dev.dogear.store.change.Change;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The trees of changes, to be looked at as the directories of bookmarks are: workspaces that take no edits. Each commit
 * that somebody looked at has a bookmark number of its own for ever, so that its files keep their inode numbers; two rows
 * in {@link Table#META} say which. A workspace is in memory as long as somebody holds it.
 */
final class PastTrees {
    private static final byte[] NUMBERS = "past commit ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] COMMITS = "past number ".getBytes(StandardCharsets.UTF_8);

    private final Tables tables;
    private final HistoryTables history;
    private final Workspaces workspaces;
    private final Cache<Integer, Workspace> shown =
            CacheBuilder.newBuilder().weakValues().build();

    PastTrees(Tables tables, HistoryTables history, Workspaces workspaces) {
        this.tables = tables;
        this.history = history;
        this.workspaces = workspaces;
    }

    /** The tree of a change's present commit. */
    Workspace of(Change change) {
        return shown(number(change.commit()), change);
    }

    /** The tree that has that number, or null. */
    @Nullable
    Workspace byNumber(int number) {
        Workspace known = shown.getIfPresent(number);
        if (known != null) {
            return known;
        }
        Change change = change(number);
        return change == null ? null : shown(number, change);
    }

    /** What that number shows, or null. */
    @Nullable
    Change change(int number) {
        byte[] commit = tables.get(Table.META, Bytes.concat(COMMITS, Ints.toByteArray(number)));
        return commit == null ? null : history.commit(ObjectId.read(ByteBuffer.wrap(commit)));
    }

    /** Those that somebody holds. */
    List<Workspace> loaded() {
        return List.copyOf(shown.asMap().values());
    }

    /** Drops nodes nobody holds, if there are many. */
    void trim() {
        shown.asMap().values().forEach(Workspace::trim);
    }

    private Workspace shown(int number, Change change) {
        try {
            return shown.get(number, () -> workspaces.readOnly(number, change.root()));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized int number(ObjectId commit) {
        byte[] key = Bytes.concat(NUMBERS, commit.toBytes());
        byte[] known = tables.get(Table.META, key);
        if (known != null) {
            return Ints.fromByteArray(known);
        }
        int number = workspaces.newNumber();
        byte[] value = Ints.toByteArray(number);
        // Nobody waits for this to be durable: a kernel that knows the number dies with the power, too.
        var unused = tables.publish(List.of(
                new Row(Table.META, key, value), new Row(Table.META, Bytes.concat(COMMITS, value), commit.toBytes())));
        return number;
    }
}

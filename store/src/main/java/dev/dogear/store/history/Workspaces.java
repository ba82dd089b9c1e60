package dev.dogear.store.history;

import com.google.common.primitives.Ints;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.tree.Root;
import dev.dogear.store.workspace.FileIds;
import dev.dogear.store.workspace.Replay;
import dev.dogear.store.workspace.Workspace;
import dev.dogear.store.workspace.WorkspaceContext;
import dev.dogear.store.workspace.WorkspaceRow;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live workspaces of one repository, by bookmark number, made when first asked for; and the counters that give out
 * file ids. A workspace whose bookmark was deleted stays here for those who still hold its files, and for an undo.
 */
final class Workspaces {
    private static final byte[] FILE_IDS = "file ids".getBytes(StandardCharsets.UTF_8);

    private final String repositoryName;
    private final Tables tables;
    private final WorkspaceContext context;
    private final IntSupplier numbers;
    private final Map<Integer, Workspace> byNumber = new ConcurrentHashMap<>();

    /** @param numbers gives bookmark numbers nobody in the store ever had */
    Workspaces(String repositoryName, Tables tables, InstantSource clock, IntSupplier numbers) {
        this.repositoryName = repositoryName;
        this.tables = tables;
        byte[] counter = tables.get(Table.META, FILE_IDS);
        FileIds fileIds = new FileIds(counter == null ? FileIds.FIRST : Ints.fromByteArray(counter));
        this.context = new WorkspaceContext(tables.objects(), tables.journal(), fileIds, clock);
        this.numbers = numbers;
        tables.keepFrom(this::oldestNeeded);
    }

    String repositoryName() {
        return repositoryName;
    }

    FileIds fileIds() {
        return context.fileIds();
    }

    /** Makes edits again that the journal has and no stored root: once, before anything else. */
    void replay() {
        Replay.run(tables.journal(), this::stored);
    }

    int newNumber() {
        return numbers.getAsInt();
    }

    /** The live workspace of a bookmark. */
    Workspace of(BookmarkState state) {
        return byNumber.computeIfAbsent(state.number(), number -> {
            Workspace stored = open(number);
            return stored != null
                    ? stored
                    : new Workspace(
                            context, number, state.root(), tables.journal().tail());
        });
    }

    /** The live workspace of that number if it is loaded. */
    @Nullable
    Workspace loaded(int number) {
        return byNumber.get(number);
    }

    /** The workspace of that number, loaded or stored, or null. */
    @Nullable
    Workspace byNumber(int number) {
        return stored(number);
    }

    /** All that are loaded. */
    List<Workspace> loaded() {
        return List.copyOf(byNumber.values());
    }

    /** Rows that go with every publish. */
    List<Row> counters() {
        return List.of(new Row(Table.META, FILE_IDS, Ints.toByteArray(fileIds().next())));
    }

    /** The least LSN that replay or an open file would need. */
    long oldestNeeded() {
        long oldest = tables.journal().tail();
        for (Workspace workspace : byNumber.values()) {
            oldest = Math.min(oldest, workspace.oldestNeeded());
        }
        return oldest;
    }

    static byte[] encode(Root root, long cut) {
        return WorkspaceRow.encode(root, cut);
    }

    private @Nullable Workspace stored(int number) {
        return byNumber.computeIfAbsent(number, this::open);
    }

    private @Nullable Workspace open(int number) {
        byte[] row = tables.get(Table.WORKSPACES, HistoryTables.workspaceKey(number));
        if (row == null) {
            return null;
        }
        try {
            WorkspaceRow stored = WorkspaceRow.decode(row);
            return new Workspace(context, number, stored.root(), stored.cut());
        } catch (RuntimeException e) {
            throw new StoreException(Kind.CORRUPT, "The row of workspace " + number + " cannot be read", e);
        }
    }
}

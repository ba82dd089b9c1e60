package dev.dogear.store.history;

import com.google.common.primitives.Longs;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.config.Settings;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.limits.Quota;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.tree.Root;
import dev.dogear.store.workspace.EditLog.Replay;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import dev.dogear.store.workspace.WorkspaceContext;
import dev.dogear.store.workspace.WorkspaceContext.FileIds;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live workspaces of one repository, by bookmark number, made when first asked for; and the counters that give out
 * file ids. A workspace whose bookmark was deleted stays here for those who still hold its files, and for an undo.
 */
final class Workspaces {
    private static final byte[] FILE_IDS = "file ids".getBytes(StandardCharsets.UTF_8);

    private volatile String repositoryName;
    private final Settings settings;
    private final Quota quota;
    private final Tables tables;
    private final WorkspaceContext context;
    private final IntSupplier numbers;
    private final Map<Integer, Workspace> byNumber = new ConcurrentHashMap<>();
    private volatile Map<Integer, Integer> misfits = Map.of();
    private volatile IntPredicate readOnly = number -> false;

    /** @param numbers gives bookmark numbers nobody in the store ever had */
    Workspaces(
            String repositoryName,
            Tables tables,
            InstantSource clock,
            IntSupplier numbers,
            WorkspaceContext.Succession succession,
            Settings settings) {
        this.settings = settings;
        this.repositoryName = repositoryName;
        this.tables = tables;
        this.quota = new Quota(tables, settings, byNumber::values);
        byte[] counter = tables.get(Table.META, FILE_IDS);
        FileIds fileIds = new FileIds(counter == null ? FileIds.FIRST : Longs.fromByteArray(counter));
        this.context = new WorkspaceContext(tables.objects(), tables.journal(), fileIds, clock, succession, quota);
        this.numbers = numbers;
    }

    String repositoryName() {
        return repositoryName;
    }

    Settings settings() {
        return settings;
    }

    Quota quota() {
        return quota;
    }

    void rename(String name) {
        repositoryName = name;
    }

    /** A file id nobody in the repository ever had. */
    int newFileId() {
        try {
            return context.fileIds().next();
        } catch (PosixException e) {
            throw new StoreException(Kind.LIMIT, "This repository has given out all its file ids", e);
        }
    }

    /** Makes edits again that the journal has and no stored root: once, before anything else. */
    void replay() {
        // Those the journal has records of: of all others nothing is read, however many there are.
        Replay replay = new Replay(context, this::stored);
        tables.journal().replay(tables.journal().head(), replay);
        replay.end();
        misfits = replay.misfits();
        // A workspace without edits need not stay in memory.
        byNumber.values()
                .removeIf(workspace ->
                        workspace.editCount() == 0 && workspace.unnamedFiles().isEmpty());
        // Not before: the folder is at work already, and would take what is not replayed yet for needed by nobody.
        tables.keepFrom(this::oldestNeeded);
    }

    /** How many edits the replay left out, by bookmark number: they rest on what a repair left out. */
    Map<Integer, Integer> misfits() {
        return misfits;
    }

    /** Workspaces of these numbers take no edits: those there are, and those to be made. */
    void readOnlyWhere(IntPredicate which) {
        readOnly = which;
        byNumber.values().forEach(this::marked);
    }

    /** A workspace that shows a root and takes no edits; not one of those by number. */
    Workspace readOnly(int number, Root root) {
        Workspace workspace =
                new Workspace(context, number, root, tables.journal().tail());
        workspace.gate().setReadOnly(true);
        return workspace;
    }

    private Workspace marked(Workspace workspace) {
        workspace.gate().setReadOnly(readOnly.test(workspace.number()));
        return workspace;
    }

    int newNumber() {
        return numbers.getAsInt();
    }

    /** The live workspace of a bookmark. */
    Workspace of(BookmarkState state) {
        return byNumber.computeIfAbsent(state.number(), number -> {
            Workspace.Saved saved = saved(number);
            return marked(
                    saved == null
                            ? new Workspace(
                                    context,
                                    number,
                                    state.root(),
                                    tables.journal().tail())
                            : open(saved));
        });
    }

    /** What {@link #of} would begin with, without making the workspace live; null if it is live. */
    @Nullable
    Root resting(BookmarkState state) {
        if (byNumber.containsKey(state.number())) {
            return null;
        }
        Workspace.Saved saved = saved(state.number());
        return saved == null ? state.root() : saved.root();
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
        return List.of(new Row(
                Table.META, FILE_IDS, Longs.toByteArray(context.fileIds().first())));
    }

    /** The least LSN that replay or an open file would need. */
    long oldestNeeded() {
        long oldest = tables.journal().tail();
        for (Workspace workspace : byNumber.values()) {
            oldest = Math.min(oldest, workspace.oldestNeeded());
        }
        return oldest;
    }

    private @Nullable Workspace stored(int number) {
        return byNumber.computeIfAbsent(number, missing -> {
            Workspace.Saved saved = saved(number);
            return saved == null ? null : marked(open(saved));
        });
    }

    /** What the rows say of it; null for nothing. */
    private Workspace.@Nullable Saved saved(int number) {
        byte[] key = Workspace.Saved.key(number);
        byte[] value = tables.get(Table.WORKSPACES, key);
        return value == null ? null : Workspace.Saved.decode(key, value);
    }

    private Workspace open(Workspace.Saved saved) {
        return new Workspace(context, saved.number(), saved.root(), saved.cut());
    }
}

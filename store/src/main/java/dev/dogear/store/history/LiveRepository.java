package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.Striped;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Person;
import dev.dogear.store.config.Config;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Settings;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.history.log.StoredEdits;
import dev.dogear.store.history.news.ConflictNews;
import dev.dogear.store.history.news.OperationNews;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.measure.Measures;
import dev.dogear.store.object.DecodedObjects;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.proposal.Proposals;
import dev.dogear.store.proposal.Rules;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.workspace.Frozen;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the verbs of one open repository work on: its tables, its live workspaces, and the one way to publish.
 *
 * <p>Lock order: the verbs' lock and bookmark locks (by {@link #exclusively}), then gates in the order of bookmark numbers, then the publish
 * lock. No flush and no viewer is waited for with a gate closed.
 */
final class LiveRepository {
    private static final int BOOKMARK_LOCKS = 256;
    private static final int BETWEEN_WAIT_MS = 50;
    private static final int BETWEEN_PAUSE_MS = 100;
    /** About ten minutes. */
    private static final int BETWEEN_TRIES = 4_000;

    private final Tables tables;
    private final HistoryTables history;
    private final Workspaces workspaces;
    private final InstantSource clock;
    private final Supplier<Viewer> viewer;
    private final Protection protection;
    private final Proposals proposals;
    private final PastTrees past;
    private final Versioned versioned;
    private final StoredEdits storedEdits = new StoredEdits(this::edits);
    private final Striped<Lock> bookmarkLocks = Striped.lock(BOOKMARK_LOCKS);
    /** Shared by every verb; who collects what nobody refers to has it alone, for moments. */
    private final ReentrantReadWriteLock verbs = new ReentrantReadWriteLock();

    private final Object publishLock = new Object();
    private final OperationNews news;
    private final ConflictNews conflictNews;
    private final Measures measures;
    private long nextOperation;

    LiveRepository(
            Tables tables,
            HistoryTables history,
            Workspaces workspaces,
            InstantSource clock,
            Supplier<Viewer> viewer,
            Measures measures) {
        this.tables = tables;
        this.history = history;
        this.workspaces = workspaces;
        this.clock = clock;
        this.viewer = viewer;
        this.measures = measures;
        this.protection = new Protection(tables);
        this.proposals = new Proposals(tables);
        workspaces.readOnlyWhere(protection::covers);
        this.versioned = new Versioned(tables, workspaces.settings());
        this.past = new PastTrees(tables, history, workspaces);
        this.conflictNews = new ConflictNews(history);
        this.nextOperation = history.newestOperation() + 1;
        this.news = new OperationNews(nextOperation - 1);
    }

    HistoryTables history() {
        return history;
    }

    Tables tables() {
        return tables;
    }

    Workspaces workspaces() {
        return workspaces;
    }

    Versioned versioned() {
        return versioned;
    }

    PastTrees past() {
        return past;
    }

    Settings settings() {
        return workspaces.settings();
    }

    Protection protection() {
        return protection;
    }

    Proposals proposals() {
        return proposals;
    }

    /** What merges into protected bookmarks ask for. */
    Rules rules() {
        Config config = settings().now();
        long approvals = config.number(Setting.APPROVALS);
        // "none" is no number of approvals, so none are asked for.
        return new Rules(approvals == Long.MAX_VALUE ? 0 : (int) approvals, config.flag(Setting.APPROVER_DIFFERS));
    }

    Viewer viewer() {
        return viewer.get();
    }

    Measures measures() {
        return measures;
    }

    OperationNews news() {
        return news;
    }

    ConflictNews conflictNews() {
        return conflictNews;
    }

    Instant now() {
        return clock.instant();
    }

    /** @throws StoreException NOT_FOUND */
    BookmarkState bookmark(String name) {
        BookmarkState state = history.bookmarks().get(name);
        if (state == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no bookmark " + name);
        }
        return state;
    }

    Workspace workspace(BookmarkState state) {
        return workspaces.of(state);
    }

    /** Runs a verb while no other verb moves any of those bookmarks. */
    <T> T exclusively(Collection<String> bookmarks, Supplier<T> verb) {
        return undisturbed(() -> {
            List<Lock> locks = ImmutableList.copyOf(bookmarkLocks.bulkGet(new TreeSet<>(bookmarks)));
            locks.forEach(Lock::lock);
            try {
                return verb.get();
            } finally {
                locks.forEach(Lock::unlock);
            }
        });
    }

    /**
     * Runs what relies on objects or rows it looked up before it publishes, or after it let go of a bookmark: none of
     * them is collected meanwhile.
     */
    <T> T undisturbed(Supplier<T> work) {
        verbs.readLock().lock();
        try {
            return work.get();
        } finally {
            verbs.readLock().unlock();
        }
    }

    /**
     * Runs something short while no verb runs. Long verbs are waited for, but others are kept waiting for a moment only.
     *
     * @throws StoreException IN_USE if verbs left no room for too long
     */
    <T> T betweenVerbs(Supplier<T> work) {
        try {
            for (int tries = 0; tries < BETWEEN_TRIES; tries++) {
                if (verbs.writeLock().tryLock(BETWEEN_WAIT_MS, TimeUnit.MILLISECONDS)) {
                    try {
                        history.forgetMergedBases();
                        return work.get();
                    } finally {
                        verbs.writeLock().unlock();
                    }
                }
                TimeUnit.MILLISECONDS.sleep(BETWEEN_PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new StoreException(
                Kind.IN_USE, "A long operation on this repository is under way; try again when it is done");
    }

    /** How the live tree differs from the change its bookmark points at. */
    List<PathChange> edits(BookmarkState state, Root live) {
        return edits(tables.objects(), state, live);
    }

    /** The same by what a verb knows of the objects. */
    List<PathChange> edits(ObjectTable objects, BookmarkState state, Root live) {
        Change head = history.commit(state.commit());
        List<PathChange> paths = RootDiff.between(objects, head.root(), live);
        if (head.generation() > 0) {
            return paths;
        }
        // The virtual root belongs to nobody; that a real directory has an owner is no edit.
        return paths.stream().filter(path -> !path.path().isRoot()).toList();
    }

    /** How many edits a bookmark has, as {@link Repository#editCount} says. Makes no workspace live. */
    int editCount(BookmarkState state) {
        Root resting = workspaces.resting(state);
        if (resting != null) {
            return storedEdits.count(state, versioned.of(state.number(), resting));
        }
        Workspace workspace = workspace(state);
        return storedEdits.count(state, versioned.of(workspace)) + workspace.editCount();
    }

    /**
     * Stores what is edited so far, without making a change, and answers the live root, as far as it is versioned. The gate may
     * be closed.
     */
    Root settle(Workspace workspace) {
        Frozen frozen = workspace.freeze();
        if (frozen.isEmpty() && workspace.unnamedFiles().isEmpty() && versioned.isCurrent(workspace)) {
            return versioned.of(workspace);
        }
        ObjectTable objects = new DecodedObjects(tables.objects());
        Versioned.Split split = versioned.split(objects, workspace, frozen.store(objects));
        // Nobody waits for this to be durable: until it is, the journal still has the edits themselves.
        var unused = tables.publish(withCounters(versioned.rows(workspace.number(), split, frozen.cut())));
        workspace.settle(frozen, split.whole());
        versioned.published(workspace.number(), split);
        return split.part();
    }

    /** The row that says from which root and cut a workspace goes on after a restart. */
    static Row workspaceRow(int number, Root root, long cut) {
        return new Workspace.Saved(number, root, cut).row();
    }

    /** The row that says a workspace is no more. */
    static Row noWorkspaceRow(int number) {
        return new Row(Table.WORKSPACES, Workspace.Saved.key(number), null);
    }

    /** LSN of the next journal record: the cut of a workspace whose gate is closed. */
    long cut() {
        return tables.journal().tail();
    }

    /**
     * An operation that is visible, and durable once {@link #await} returns; no gate is closed by who calls that.
     *
     * @param shown tells the viewer of changes that have another commit now
     */
    record Published(LoggedOperation operation, CompletableFuture<Void> durable, Runnable shown) {
        /** @throws StoreException if it could not be made durable */
        LoggedOperation await() {
            LiveRepository.await(durable);
            shown.run();
            return operation;
        }
    }

    /** @throws StoreException if what was published could not be made durable */
    static void await(CompletableFuture<Void> durable) {
        try {
            durable.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * The commit point of every verb: one journal record with the operation, its bookmarks, what it means for proposals, and
     * {@code more}.
     *
     * @param operation makes the operation of that number; may refuse by an exception, then nothing happened
     */
    Published publish(List<Row> more, LongFunction<LoggedOperation> operation) {
        synchronized (publishLock) {
            LoggedOperation entry = operation.apply(nextOperation);
            long begin = System.nanoTime();
            protection.check(entry);
            List<Row> rows = new ArrayList<>(more);
            rows.addAll(HistoryTables.rows(entry));
            rows.addAll(history.amendedRows(entry));
            rows.addAll(proposals.follow(entry, history.bookmarks()));
            CompletableFuture<Void> durable = tables.publish(withCounters(rows));
            nextOperation++;
            history.apply(entry);
            proposals.apply(rows);
            CompletableFuture<Void> told = durable.thenRun(() -> {
                measures.publish().since(begin);
                news.durable(entry.number());
            });
            return new Published(entry, told, () -> showAmended(more));
        }
    }

    /** Names of a change's tree are kept by a viewer until it is told. */
    private void showAmended(List<Row> rows) {
        for (Row row : rows) {
            byte[] commits = row.value();
            if (row.table() == Table.CHANGES && commits != null && commits.length > ObjectId.BYTES) {
                viewer().namesChanged(workspaces.repositoryName(), "@" + ChangeId.of(row.key()));
            }
        }
    }

    /** Publishes rows that belong to no operation, and waits until they are durable. */
    void publishAlone(List<Row> rows) {
        await(tables.publish(withCounters(rows)));
    }

    private List<Row> withCounters(List<Row> rows) {
        List<Row> all = new ArrayList<>(rows);
        all.addAll(workspaces.counters());
        return all;
    }

    /** A change of that content on top of {@code parents}; not stored yet. */
    Change draft(Root root, List<Change> parents, List<Person> authors, Person committer, String message) {
        int generation = 1 + parents.stream().mapToInt(Change::generation).max().orElse(-1);
        return new Change(
                ChangeId.random(),
                parents.get(0).commit(),
                parents.stream().map(Change::commit).collect(ImmutableList.toImmutableList()),
                root,
                authors.isEmpty() ? ImmutableList.of(committer) : ImmutableList.copyOf(authors),
                committer,
                message,
                now(),
                generation);
    }

    /** Keeps edits as a change nobody points at, so that no verb can lose them; null if there are none. */
    @Nullable
    Change saveAside(BookmarkState state, Root live, String by, String message, List<Row> rows) {
        if (edits(state, live).isEmpty()) {
            return null;
        }
        Change head = history.commit(state.commit());
        return history.store(draft(live, List.of(head), List.of(), person(by), message), rows);
    }

    /** The author of changes made for {@code by} when none was named. */
    static Person person(String by) {
        return new Person(by, by + "@localhost");
    }

    /** @throws StoreException STALE unless {@code expected} is null or where the bookmark points */
    static void requireAt(String name, BookmarkState state, @Nullable ChangeId expected) {
        if (expected != null && !expected.equals(state.change())) {
            throw new StoreException(
                    Kind.STALE, "The bookmark " + name + " points at " + state.change() + ", not at " + expected);
        }
    }

    /** A bookmark's state with its edits, stored but not made a change. */
    Root liveRoot(String bookmark) {
        Workspace workspace = workspace(bookmark(bookmark));
        viewer().push(workspace);
        return exclusively(List.of(bookmark), () -> settle(workspace));
    }
}

package dev.dogear.store.history;

import com.google.common.collect.Lists;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.log.BookmarkFacts;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.HistoryPurge;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.purge.RootPurge;
import dev.dogear.store.tree.purge.Secrets;
import dev.dogear.store.workspace.Frozen;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What looking after a repository needs of it: what has expired, what is referred to, moments of rest. */
public final class Upkeep {
    private static final int ROWS_AT_ONCE = 500;
    private static final byte[] COLLECTING = "collecting".getBytes(StandardCharsets.UTF_8);

    private final LiveRepository repository;
    private final HistoryTables history;

    Upkeep(LiveRepository repository) {
        this.repository = repository;
        this.history = repository.history();
    }

    /** How many edits of each bookmark, by its name, were left out since they rest on what a repair left out. */
    public Map<String, Integer> editsLeftOut() {
        Map<Integer, Integer> misfits = repository.workspaces().misfits();
        Map<String, Integer> counts = new TreeMap<>();
        history.bookmarks().all().forEach((name, state) -> {
            Integer count = misfits.get(state.number());
            if (count != null) {
                counts.put(name, count);
            }
        });
        return counts;
    }

    /**
     * What has outlived its retention. Operations that a bookmark's next undo or redo needs never do.
     *
     * @param operations by number
     * @param changes each with the commits of it that stay; without any it goes
     */
    public record Expired(Set<Long> operations, Map<ChangeId, List<ObjectId>> changes) {}

    /**
     * What must be kept at one moment, apart from operations and changes, which stay as long as they are listed.
     *
     * @param roots shown by bookmarks and live workspaces
     * @param commits where bookmarks point
     * @param held content and trees that only live nodes refer to
     * @param newestOperation at that moment
     */
    public record Snapshot(List<Root> roots, List<ObjectId> commits, List<TreeEntry> held, long newestOperation) {}

    /** Notes that a collection is under way, so that one which a death cuts off is done again. */
    public void collecting(boolean begins) {
        publish(List.of(new Row(Table.META, COLLECTING, begins ? new byte[] {1} : null)));
    }

    /** Whether a collection began and never ended, or is under way. */
    public boolean isCollectionCutOff() {
        return repository.tables().get(Table.META, COLLECTING) != null;
    }

    /** Runs something short while no verb is under way. */
    public <T> T betweenVerbs(Supplier<T> work) {
        return repository.betweenVerbs(work);
    }

    /** Runs something that reads what it looked up: nothing of it is collected meanwhile. */
    public <T> T undisturbed(Supplier<T> work) {
        return repository.undisturbed(work);
    }

    /** Goes through a commit and all it follows, as {@link HistoryTables#follow} says. */
    public void follow(ObjectId commit, Predicate<ObjectId> into) {
        history.follow(List.of(commit), into);
    }

    /** The change stored as that commit. */
    public Change commit(ObjectId commit) {
        return history.commit(commit);
    }

    /** Bookmarks without an edit or a change for so long; the default one is never idle. */
    public List<Bookmark> idle(Duration span, String defaultBookmark) {
        Instant since = repository.now().minus(span);
        List<Bookmark> idle = new ArrayList<>();
        history.bookmarks().all().forEach((name, state) -> {
            // Edits that are stored ahead are edits.
            if (!name.equals(defaultBookmark) && state.updated().isBefore(since) && repository.editCount(state) == 0) {
                idle.add(state.named(name));
            }
        });
        return idle;
    }

    /** Bookmarks that were to go by now. Of those that are gone already it is noted no more. */
    public List<Bookmark> due() {
        List<Bookmark> due = new ArrayList<>();
        for (int number : history.facts().expired(repository.now())) {
            String name = history.bookmarks().name(number);
            if (name == null) {
                keep(number);
            } else {
                due.add(repository.bookmark(name).named(name));
            }
        }
        return due;
    }

    /** The bookmark of that number is not to go any more: it did, and whoever brings it back wants it. */
    public void keep(int number) {
        expire(number, null);
    }

    /** The bookmark of that number is to go after so long from now on; null for never. */
    public void expire(int number, @Nullable Duration life) {
        Instant at = life == null ? null : repository.now().plus(life);
        publish(List.of(BookmarkFacts.expiry(number, at)));
        if (at != null) {
            history.facts().noteExpiry(at);
        }
    }

    /** What has outlived its retention now. */
    public Expired expired() {
        return expired(new Reached(history));
    }

    /** @param reached gets every commit that history leads to and that stays */
    private Expired expired(Reached reached) {
        Duration kept = repository.settings().now().span(Setting.RETENTION);
        if (kept == null) {
            return new Expired(Set.of(), Map.of());
        }
        Instant since = repository.now().minus(kept);
        Set<Long> operations = expiredOperations(since);
        history.bookmarks().all().values().forEach(state -> reached.add(state.commit()));
        operations(Long.MAX_VALUE, 0, operation -> {
            if (!operations.contains(operation.number())) {
                reached.add(operation);
            }
        });
        history.changes((id, commits) -> {
            ObjectId newest = commits.get(commits.size() - 1);
            if (!history.commit(newest).created().isBefore(since)) {
                reached.add(newest);
            }
        });
        Map<ChangeId, List<ObjectId>> changes = new LinkedHashMap<>();
        history.changes((id, commits) -> {
            List<ObjectId> left =
                    commits.stream().filter(reached.commits::contains).toList();
            if (left.size() < commits.size()) {
                changes.put(id, left);
            }
        });
        return new Expired(operations, changes);
    }

    /** Takes what has expired out of the rows, little by little; what came into use since stays. */
    public Expired expire() {
        long newest = history.newestOperation();
        Reached reached = new Reached(history);
        Expired expired = expired(reached);
        for (List<Long> some : Lists.partition(List.copyOf(expired.operations()), ROWS_AT_ONCE)) {
            repository.betweenVerbs(() -> {
                Set<Long> pinned = pinned();
                publish(HistoryTables.without(
                        some.stream().filter(number -> !pinned.contains(number)).toList()));
                return true;
            });
        }
        for (List<ChangeId> some : Lists.partition(List.copyOf(expired.changes().keySet()), ROWS_AT_ONCE)) {
            repository.betweenVerbs(() -> {
                // What came into use since it was looked at, by operations that are in the log now.
                operations(Long.MAX_VALUE, newest, reached::add);
                publish(some.stream()
                        .map(id -> HistoryTables.onlyCommits(
                                id,
                                history.commits(id).stream()
                                        .filter(reached.commits::contains)
                                        .toList()))
                        .toList());
                history.forgetChanges();
                return true;
            });
        }
        forgetBookmarks();
        return expired;
    }

    /** Facts of bookmarks that are gone, and that no operation could bring back. Numbers are looked up first: a new bookmark has another. */
    private void forgetBookmarks() {
        Set<Integer> gone = new HashSet<>(history.facts().numbers());
        history.bookmarks().all().values().forEach(state -> gone.remove(state.number()));
        if (gone.isEmpty()) {
            return; // as a rule, and the log is long
        }
        operations(Long.MAX_VALUE, 0, operation -> operation.steps().forEach(step -> {
            for (BookmarkState state : new BookmarkState[] {step.before(), step.after()}) {
                if (state != null) {
                    gone.remove(state.number());
                }
            }
        }));
        for (List<Integer> some : Lists.partition(List.copyOf(gone), ROWS_AT_ONCE)) {
            publish(some.stream()
                    .flatMap(number -> BookmarkFacts.forgotten(number).stream())
                    .toList());
        }
    }

    /** Numbers of operations before {@code since} that no bookmark needs. */
    private Set<Long> expiredOperations(Instant since) {
        Set<Long> pinned = pinned();
        Set<Long> expired = new HashSet<>();
        operations(Long.MAX_VALUE, 0, operation -> {
            if (operation.at().isBefore(since) && !pinned.contains(operation.number())) {
                expired.add(operation.number());
            }
        });
        return expired;
    }

    /** The newest operation, whose number the next one follows, and those that an undo or redo would revert now. */
    private Set<Long> pinned() {
        Set<Long> pinned = new HashSet<>();
        pinned.add(history.newestOperation());
        for (BookmarkState state : history.bookmarks().all().values()) {
            pinned.add(state.position());
            pinned.add(state.redo());
        }
        return pinned;
    }

    /** Shows operations, newest first, of numbers up to {@code newest} and above {@code after}. */
    public void operations(long newest, long after, Consumer<LoggedOperation> visitor) {
        history.newestFirst(newest, operation -> {
            boolean wanted = operation.number() > after;
            if (wanted) {
                visitor.accept(operation);
            }
            return wanted;
        });
    }

    /** Shows all changes that are listed, with their commits, newest last. */
    public void changes(BiConsumer<ChangeId, List<ObjectId>> visitor) {
        history.changes(visitor);
    }

    /** The newest commit of a change, or null. */
    public @Nullable Change change(ChangeId id) {
        return history.change(id);
    }

    /** Rewrites rows of this history. */
    public HistoryPurge purge(ObjectTable table, RootPurge roots, Secrets secrets, Set<Integer> forgotten) {
        return new HistoryPurge(history, table, roots, secrets, forgotten);
    }

    /** Numbers of the deleted bookmarks of that name that can be restored still. */
    public Set<Integer> deleted(String bookmark) {
        Set<Integer> numbers = new HashSet<>();
        Set<Integer> shown = new HashSet<>();
        history.bookmarks().all().values().forEach(state -> shown.add(state.number()));
        operations(Long.MAX_VALUE, 0, operation -> {
            LoggedOperation.Step step = operation.step(bookmark);
            BookmarkState before = step == null ? null : step.before();
            if (before != null && !shown.contains(before.number())) {
                numbers.add(before.number());
            }
        });
        return numbers;
    }

    /** Shows all rows of a table. */
    public void rows(Table table, Consumer<Row> visitor) {
        history.rows(table, visitor);
    }

    /** The live workspaces, those of deleted bookmarks too if they are in memory, in the order of their gates. */
    public List<Workspace> workspaces() {
        history.bookmarks().all().values().forEach(repository::workspace);
        return repository.workspaces().loaded().stream()
                .sorted(Comparator.comparingInt(Workspace::number))
                .toList();
    }

    /** The trees of changes that somebody looks at. */
    public List<Workspace> pastTrees() {
        return repository.past().loaded();
    }

    /** What one of these shows as its row says now; null if there is no such row any more. */
    public @Nullable Root pastRoot(Workspace past) {
        Change change = repository.past().change(past.number());
        return change == null ? null : change.root();
    }

    /** Stores the edits of a workspace; they stay edits. Between verbs. */
    public void settle(Workspace workspace) {
        if (history.bookmarks().name(workspace.number()) != null) {
            repository.settle(workspace);
        } else {
            Frozen frozen = workspace.freeze();
            workspace.settle(frozen, frozen.store(repository.tables().objects()));
        }
    }

    /** Has all workspaces show the empty tree, open files included, to whoever holds them; of a repository that is to go. */
    public void showNothing() {
        Map<Workspace, List<Viewer.Stale>> stale = new LinkedHashMap<>();
        List<Workspace> all = new ArrayList<>(repository.workspaces().loaded());
        all.addAll(pastTrees());
        repository.betweenVerbs(() -> {
            all.forEach(workspace -> stale.put(workspace, emptied(workspace)));
            return true;
        });
        stale.forEach(viewer()::forget);
    }

    private static List<Viewer.Stale> emptied(Workspace workspace) {
        workspace.gate().close();
        try {
            workspace.freeze();
            List<Viewer.Stale> stale = new ArrayList<>(workspace.switchTo(Roots.EMPTY));
            workspace.unnamedFiles().forEach(file -> stale.add(file.empty()));
            return stale;
        } finally {
            workspace.gate().open();
        }
    }

    /** Takes in that somebody wrote the tables anew. Between verbs, all gates closed. */
    public void reload() {
        history.reload();
        repository.versioned().forget();
    }

    /** Who shows the workspaces. */
    public Viewer viewer() {
        return repository.viewer();
    }

    private void publish(List<Row> rows) {
        if (!rows.isEmpty()) {
            repository.tables().publish(rows).join();
        }
    }

    /** What is referred to now; to be asked for between verbs. */
    public Snapshot snapshot() {
        List<Root> roots = new ArrayList<>();
        List<ObjectId> commits = new ArrayList<>();
        List<TreeEntry> held = new ArrayList<>();
        Set<Integer> shown = new HashSet<>();
        history.bookmarks().all().values().forEach(state -> {
            roots.add(state.root());
            commits.add(state.commit());
            shown.add(state.number());
        });
        repository.tables().scan(Table.WORKSPACES, new byte[0], false, (key, value) -> {
            roots.add(Workspace.Saved.decode(key, value).root());
            return true;
        });
        for (Workspace workspace : repository.workspaces().loaded()) {
            boolean isShown = shown.contains(workspace.number());
            if (isShown) {
                roots.add(workspace.base());
            }
            held.addAll(workspace.held(isShown));
        }
        return new Snapshot(roots, commits, held, history.newestOperation());
    }

    /** Commits that were led to. */
    private static final class Reached {
        private final HistoryTables history;
        final Set<ObjectId> commits = new HashSet<>();

        Reached(HistoryTables history) {
            this.history = history;
        }

        void add(LoggedOperation operation) {
            for (LoggedOperation.Step step : operation.steps()) {
                add(step.before());
                add(step.after());
            }
            ChangeId saved = operation.saved();
            Change change = saved == null ? null : history.change(saved);
            if (change != null) {
                add(change.commit());
            }
            operation.amended().forEach(amended -> {
                add(amended.before());
                add(amended.after());
            });
        }

        private void add(@Nullable BookmarkState state) {
            if (state != null) {
                add(state.commit());
            }
        }

        /** With all it follows. */
        void add(ObjectId commit) {
            history.follow(List.of(commit), commits::add);
        }
    }
}

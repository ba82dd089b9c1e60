package dev.dogear.store.history.log;

import static java.util.Objects.requireNonNull;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Longs;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Person;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one repository by their meaning: bookmarks, changes, operations.
 */
public final class HistoryTables {
    private static final int CHANGES_CACHED = 4096;
    private static final int ROWS_AT_ONCE = 1_000;
    private static final int OPERATIONS_AT_ONCE = 256;
    private static final int MERGED_BASES_CACHED = 4096;
    private static final Person REPAIRER = new Person("repair", "repair@localhost");

    private final Tables tables;
    private final Bookmarks bookmarks;
    private final BookmarkFacts facts;
    private final Cache<ObjectId, Change> changes =
            CacheBuilder.newBuilder().maximumSize(CHANGES_CACHED).build();
    private final Cache<ImmutableList<ObjectId>, Root> mergedBases =
            CacheBuilder.newBuilder().maximumSize(MERGED_BASES_CACHED).build();

    public HistoryTables(Tables tables) {
        this.tables = tables;
        this.bookmarks = new Bookmarks(tables);
        this.facts = new BookmarkFacts(tables);
    }

    public BookmarkFacts facts() {
        return facts;
    }

    public Bookmarks bookmarks() {
        return bookmarks;
    }

    /** The number of the newest operation, 0 if there is none. */
    public long newestOperation() {
        long[] newest = {0};
        tables.scan(Table.OPERATIONS, Longs.toByteArray(Long.MAX_VALUE), true, (key, value) -> {
            newest[0] = Longs.fromByteArray(key);
            return false;
        });
        return newest[0];
    }

    /** @throws StoreException NOT_FOUND */
    public LoggedOperation operation(long number) {
        byte[] value = tables.get(Table.OPERATIONS, Longs.toByteArray(number));
        if (value == null) {
            throw new StoreException(
                    Kind.NOT_FOUND, "There is no operation " + number + ", or none any more: see retention");
        }
        return RowCodec.decodeOperation(number, value);
    }

    /** Newest first, numbers below {@code before}. */
    public List<LoggedOperation> operations(long before, int limit) {
        List<LoggedOperation> found = new ArrayList<>();
        if (limit <= 0 || before <= 1) {
            return found;
        }
        tables.scan(Table.OPERATIONS, Longs.toByteArray(before - 1), true, (key, value) -> {
            found.add(RowCodec.decodeOperation(Longs.fromByteArray(key), value));
            return found.size() < limit;
        });
        return found;
    }

    /**
     * Shows operations of numbers up to {@code newest}, newest first, until the visitor says false. In pieces, since a visitor may
     * take its time, and the log is long.
     */
    public void newestFirst(long newest, Predicate<LoggedOperation> visitor) {
        long before = newest == Long.MAX_VALUE ? newest : newest + 1;
        List<LoggedOperation> piece;
        do {
            piece = operations(before, OPERATIONS_AT_ONCE);
            for (LoggedOperation operation : piece) {
                if (!visitor.test(operation)) {
                    return;
                }
                before = operation.number();
            }
        } while (piece.size() == OPERATIONS_AT_ONCE);
    }

    /** Oldest first, numbers above {@code after} up to {@code last}. */
    public List<LoggedOperation> operationsAfter(long after, long last, int limit) {
        List<LoggedOperation> found = new ArrayList<>();
        if (limit <= 0 || after >= last) {
            return found;
        }
        tables.scan(Table.OPERATIONS, Longs.toByteArray(after + 1), false, (key, value) -> {
            long number = Longs.fromByteArray(key);
            if (number > last) {
                return false;
            }
            found.add(RowCodec.decodeOperation(number, value));
            return found.size() < limit;
        });
        return found;
    }

    /** The change that is stored as {@code commit}. */
    public Change commit(ObjectId commit) {
        if (commit.equals(Beginning.VIRTUAL_ROOT.commit())) {
            return Beginning.VIRTUAL_ROOT;
        }
        Change cached = changes.getIfPresent(commit);
        if (cached != null) {
            return cached;
        }
        Change change =
                tables.objects().read(commit, ObjectKind.CHANGE, content -> RowCodec.decodeChange(commit, content));
        changes.put(commit, change);
        return change;
    }

    /**
     * Goes through commits and all they follow.
     *
     * @param into asked as often as a commit is led to, whether to go on to those before it
     */
    public void follow(Collection<ObjectId> from, Predicate<ObjectId> into) {
        Deque<ObjectId> todo = new ArrayDeque<>(from);
        while (!todo.isEmpty()) {
            ObjectId next = todo.pop();
            if (into.test(next)) {
                todo.addAll(commit(next).parents());
            }
        }
    }

    /** The newest commit of a change, or null. */
    @Nullable
    public Change change(ChangeId id) {
        if (id.equals(ChangeId.VIRTUAL_ROOT)) {
            return Beginning.VIRTUAL_ROOT;
        }
        byte[] commits = tables.get(Table.CHANGES, id.toBytes());
        return commits == null ? null : commit(newest(commits));
    }

    /** Ids of changes that begin with those bytes' first {@code digits} hexadecimal digits, at most two. */
    public List<ChangeId> changesWithPrefix(String letters) {
        String padded = letters + "z".repeat(2 * ChangeId.BYTES - letters.length());
        List<ChangeId> found = new ArrayList<>();
        tables.scan(Table.CHANGES, ChangeId.parse(padded).toBytes(), false, (key, value) -> {
            ChangeId id = ChangeId.of(key);
            if (!id.toString().startsWith(letters)) {
                return false;
            }
            found.add(id);
            return found.size() < 2;
        });
        return found;
    }

    /** Stores a change's object and answers the row that names it; the row is the caller's to publish. */
    public Change store(Change draft, List<Row> rows) {
        Change stored = storeCommit(draft);
        rows.add(new Row(Table.CHANGES, draft.id().toBytes(), stored.commit().toBytes()));
        return stored;
    }

    /** Stores a change's object alone: an operation that amends it names it. */
    public Change storeCommit(Change draft) {
        ObjectId commit = tables.objects().write(ObjectKind.CHANGE, ByteBuffer.wrap(RowCodec.encodeChange(draft)));
        return new Change(
                draft.id(),
                commit,
                draft.parents(),
                draft.root(),
                draft.authors(),
                draft.committer(),
                draft.message(),
                draft.created(),
                draft.generation());
    }

    /** The same for a change that is there already under its id: one more commit of it, the newest. */
    public Change storeAmended(Change draft, List<Row> rows) {
        byte[] known = tables.get(Table.CHANGES, draft.id().toBytes());
        Change stored = store(draft, rows);
        if (known != null) {
            rows.set(
                    rows.size() - 1,
                    new Row(
                            Table.CHANGES,
                            draft.id().toBytes(),
                            Bytes.concat(known, stored.commit().toBytes())));
        }
        return stored;
    }

    /** What is wrong with the rows beside what {@link #roots} leads to, a sentence each. */
    public void check(Consumer<String> problems) {
        bookmarks.check(problems);
        bookmarks.all().forEach((name, state) -> {
            if (isLost(state)) {
                problems.accept("The bookmark " + name + " points at a change that cannot be read");
            }
        });
        unlisted(problems).keySet().forEach(id -> problems.accept("change " + id + " is not in the list of changes"));
    }

    /** The changes that bookmarks and other changes lead to and that have no row, each with its commit. */
    private Map<ChangeId, ObjectId> unlisted(Consumer<String> problems) {
        Map<ChangeId, ObjectId> found = new LinkedHashMap<>();
        Set<ObjectId> seen = new HashSet<>();
        Deque<ObjectId> next = new ArrayDeque<>();
        bookmarks.all().values().forEach(state -> next.add(state.commit()));
        changes((id, commits) -> next.add(commits.get(commits.size() - 1)));
        for (ObjectId at = next.poll(); at != null; at = next.poll()) {
            if (seen.add(at) && !at.equals(Beginning.VIRTUAL_ROOT.commit())) {
                Change change = readable(at);
                if (change == null) {
                    continue; // who points at it tells
                }
                if (tables.get(Table.CHANGES, change.id().toBytes()) == null) {
                    found.put(change.id(), at);
                }
                for (ObjectId parent : change.parents()) {
                    if (readable(parent) == null) {
                        problems.accept("change " + change.id() + " follows one that cannot be read: " + parent);
                    }
                    next.add(parent);
                }
            }
        }
        return found;
    }

    private @Nullable Change readable(ObjectId commit) {
        try {
            return commit(commit);
        } catch (StoreException e) {
            return null;
        }
    }

    /** The rows of one operation: the log entry and each bookmark it moved. */
    public static List<Row> rows(LoggedOperation operation) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(Table.OPERATIONS, Longs.toByteArray(operation.number()), RowCodec.encodeOperation(operation)));
        if (operation.kind().movesNothing()) {
            return rows;
        }
        for (LoggedOperation.Step step : operation.steps()) {
            rows.addAll(Bookmarks.rows(step));
        }
        return rows;
    }

    /** The rows by which changes stand for other commits; all commits a change ever had stay in its row. */
    public List<Row> amendedRows(LoggedOperation operation) {
        List<Row> rows = new ArrayList<>();
        for (LoggedOperation.Amended each : operation.amended()) {
            byte[] known = tables.get(Table.CHANGES, each.change().toBytes());
            ByteArrayDataOutput commits = ByteStreams.newDataOutput();
            for (int at = 0; known != null && at < known.length; at += ObjectId.BYTES) {
                byte[] commit = Arrays.copyOfRange(known, at, at + ObjectId.BYTES);
                if (!Arrays.equals(commit, each.after().toBytes())) {
                    commits.write(commit);
                }
            }
            commits.write(each.after().toBytes());
            rows.add(new Row(Table.CHANGES, each.change().toBytes(), commits.toByteArray()));
        }
        return rows;
    }

    /** What takes back all that an operation amended and nobody amended since. */
    public ImmutableList<LoggedOperation.Amended> back(LoggedOperation operation) {
        ImmutableList.Builder<LoggedOperation.Amended> back = ImmutableList.builder();
        for (LoggedOperation.Amended each : operation.amended()) {
            Change now = change(each.change());
            if (now != null && now.commit().equals(each.after())) {
                back.add(each.reversed());
            }
        }
        return back.build();
    }

    /** Makes the memory agree with rows just published. */
    public void apply(LoggedOperation operation) {
        if (!operation.kind().movesNothing()) {
            bookmarks.apply(operation);
        }
    }

    /** Makes rows again that can be made from others, and answers what was done, a sentence each. */
    public List<String> repair() {
        List<String> done = new ArrayList<>(bookmarks.repair());
        unlisted(problem -> {}).forEach((id, commit) -> {
            tables.publish(List.of(new Row(Table.CHANGES, id.toBytes(), commit.toBytes())))
                    .join();
            done.add("change " + id + " is in the list of changes again");
        });
        bookmarks.all().forEach((name, state) -> {
            if (isLost(state)) {
                makeAgain(name, state);
                done.add("The bookmark " + name + " pointed at a change that is lost; change " + state.change()
                        + " is made again of its files, without message, authors and what came before");
            }
        });
        bookmarks.reload();
        return done;
    }

    private boolean isLost(BookmarkState state) {
        return readable(state.commit()) == null;
    }

    private void makeAgain(String name, BookmarkState state) {
        ObjectId root = Beginning.VIRTUAL_ROOT.commit();
        Change draft = new Change(
                state.change(),
                root,
                ImmutableList.of(root),
                state.root(),
                ImmutableList.of(REPAIRER),
                REPAIRER,
                "Made again by a repair",
                state.updated(),
                1);
        List<Row> rows = new ArrayList<>();
        Change made = storeAmended(draft, rows);
        rows.addAll(Bookmarks.rows(new LoggedOperation.Step(name, state, state.at(made.commit()))));
        tables.publish(rows).join();
    }

    /**
     * Every tree that history refers to, by what refers to it.
     *
     * @param problems told of each change that cannot be read
     */
    public Map<String, Root> roots(Consumer<String> problems) {
        Map<String, Root> roots = new LinkedHashMap<>();
        bookmarks.all().forEach((name, state) -> roots.put("bookmark " + name, state.root()));
        tables.scan(Table.WORKSPACES, new byte[0], false, (key, value) -> {
            Workspace.Saved saved = Workspace.Saved.decode(key, value);
            roots.put(
                    "workspace " + saved.number() + (key.length > Integer.BYTES ? ", versioned part" : ""),
                    saved.root());
            return true;
        });
        tables.scan(Table.CHANGES, new byte[0], false, (key, value) -> {
            try {
                Change change = commit(newest(value));
                roots.put("change " + change.id(), change.root());
            } catch (StoreException e) {
                problems.accept("change " + ChangeId.of(key) + " cannot be read: " + e.getMessage());
            }
            return true;
        });
        newestFirst(Long.MAX_VALUE, operation -> {
            operation.steps().forEach(step -> {
                BookmarkState before = step.before();
                if (before != null) {
                    roots.put("operation " + operation.number() + " before, " + step.bookmark(), before.root());
                }
            });
            return true;
        });
        return roots;
    }

    /** Rows that take operations out of the log. */
    public static List<Row> without(List<Long> operations) {
        return operations.stream()
                .map(number -> new Row(Table.OPERATIONS, Longs.toByteArray(number), null))
                .toList();
    }

    /** The row that takes a change out, or with it all commits of it but those. */
    public static Row onlyCommits(ChangeId id, List<ObjectId> commits) {
        if (commits.isEmpty()) {
            return new Row(Table.CHANGES, id.toBytes(), null);
        }
        ByteBuffer value = ByteBuffer.allocate(commits.size() * ObjectId.BYTES);
        commits.forEach(commit -> commit.write(value));
        return new Row(Table.CHANGES, id.toBytes(), value.array());
    }

    /** The commits of a change, newest last; none if there is no such change. */
    public List<ObjectId> commits(ChangeId id) {
        byte[] value = tables.get(Table.CHANGES, id.toBytes());
        return value == null ? List.of() : split(value);
    }

    private static List<ObjectId> split(byte[] value) {
        List<ObjectId> commits = new ArrayList<>();
        for (ByteBuffer rest = ByteBuffer.wrap(value); rest.hasRemaining(); ) {
            commits.add(ObjectId.read(rest));
        }
        return commits;
    }

    /** Shows all changes with their commits, newest last. */
    public void changes(BiConsumer<ChangeId, List<ObjectId>> visitor) {
        rows(Table.CHANGES, row -> visitor.accept(ChangeId.of(row.key()), split(requireNonNull(row.value()))));
    }

    /** Takes in that somebody wrote the tables anew. */
    public void reload() {
        bookmarks.reload();
        forgetChanges();
    }

    /** Shows all rows of a table, in pieces, since a visitor may take its time. */
    public void rows(Table table, Consumer<Row> visitor) {
        byte[] from = new byte[0];
        while (from != null) {
            List<Row> piece = new ArrayList<>();
            byte[][] next = new byte[1][];
            tables.scan(table, from, false, (key, value) -> {
                if (piece.size() == ROWS_AT_ONCE) {
                    next[0] = key;
                    return false;
                }
                piece.add(new Row(table, key, value));
                return true;
            });
            piece.forEach(visitor);
            from = next[0];
        }
    }

    /** Forgets what was read of changes: some may be no more. */
    public void forgetChanges() {
        changes.invalidateAll();
    }

    /**
     * What several nearest common ancestors gave when they were merged with each other, by their commits. It is stored, but nobody
     * refers to it: valid from one moment between verbs to the next.
     */
    Map<ImmutableList<ObjectId>, Root> mergedBases() {
        return mergedBases.asMap();
    }

    /** Between verbs: what only {@link #mergedBases} knows of may be collected from now on. */
    public void forgetMergedBases() {
        mergedBases.invalidateAll();
    }

    public ObjectTable objects() {
        return tables.objects();
    }

    private static ObjectId newest(byte[] commits) {
        byte[] last = Arrays.copyOfRange(commits, commits.length - ObjectId.BYTES, commits.length);
        return ObjectId.read(ByteBuffer.wrap(last));
    }
}

package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Longs;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Person;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Range;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.purge.RootPurge;
import dev.dogear.store.tree.purge.Secrets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the rows of a history so that they lead to nothing that is to be purged: changes keep their ids and get other
 * commits, and everything that names a commit or a root follows. What it was asked once it answers again from memory, so a row
 * may be rewritten as often as it is looked at. One thread.
 */
public final class HistoryPurge {
    /** What is known of the commit a verb answered, or of one that is looked at, goes with it. */
    private static final byte[] ASKED = "asked ".getBytes(StandardCharsets.UTF_8);

    private static final byte[] PAST = "past ".getBytes(StandardCharsets.UTF_8);

    private final HistoryTables history;
    private final ObjectTable table;
    private final RootPurge roots;
    private final Secrets secrets;
    /** Numbers of deleted bookmarks that are to be forgotten. */
    private final ImmutableSet<Integer> forgotten;

    private final Map<ObjectId, ObjectId> commits = new HashMap<>();
    private final Set<ChangeId> rewritten = new HashSet<>();
    /** Commits that only forgotten bookmarks led to; they go. */
    private final Set<ObjectId> abandoned = new HashSet<>();

    private final long newestOperation;

    /**
     * @param table gets what is new
     * @param forgotten numbers of deleted bookmarks that the log is to forget
     */
    public HistoryPurge(
            HistoryTables history, ObjectTable table, RootPurge roots, Secrets secrets, Set<Integer> forgotten) {
        this.history = history;
        this.table = table;
        this.roots = roots;
        this.secrets = secrets;
        this.forgotten = ImmutableSet.copyOf(forgotten);
        this.newestOperation = history.newestOperation();
        commits.put(Beginning.VIRTUAL_ROOT.commit(), Beginning.VIRTUAL_ROOT.commit());
        if (!forgotten.isEmpty()) {
            findAbandoned();
        }
    }

    /** The changes that got another commit. */
    public int rewrittenChanges() {
        return rewritten.size();
    }

    /** How many commits there are others for. */
    public long rewrittenCommits() {
        return commits.entrySet().stream()
                .filter(each -> !each.getKey().equals(each.getValue()))
                .count();
    }

    /** How many commits go with forgotten bookmarks. */
    public int abandonedCommits() {
        return abandoned.size();
    }

    /** What only operations on forgotten bookmarks led to. */
    private void findAbandoned() {
        Set<ObjectId> kept = new HashSet<>();
        Set<ObjectId> left = new HashSet<>();
        history.bookmarks().all().values().forEach(state -> kept.add(state.commit()));
        for (LoggedOperation operation : history.operations(Long.MAX_VALUE, Integer.MAX_VALUE)) {
            boolean any = false;
            for (LoggedOperation.Step step : operation.steps()) {
                boolean forgets = isForgotten(step);
                any |= forgets;
                Set<ObjectId> to = forgets ? left : kept;
                BookmarkState before = step.before();
                BookmarkState after = step.after();
                if (before != null) {
                    to.add(before.commit());
                }
                if (after != null) {
                    to.add(after.commit());
                }
            }
            Change saved = operation.saved() == null ? null : history.change(operation.saved());
            if (saved != null) {
                (any && operation.steps().size() == 1 ? left : kept).add(saved.commit());
            }
            for (LoggedOperation.Amended each : operation.amended()) {
                (any && operation.steps().size() == 1 ? left : kept).addAll(List.of(each.before(), each.after()));
            }
        }
        Set<ObjectId> keptAll = reached(kept);
        abandoned.addAll(reached(left));
        abandoned.removeAll(keptAll);
    }

    private Set<ObjectId> reached(Set<ObjectId> from) {
        Set<ObjectId> found = new HashSet<>();
        history.follow(from, found::add);
        return found;
    }

    private boolean isForgotten(LoggedOperation.Step step) {
        BookmarkState state = step.before() == null ? step.after() : step.before();
        return state != null && forgotten.contains(state.number());
    }

    /** The row as it is to be; without a value if it goes. */
    public Row row(Row row) {
        byte[] value = row.value();
        if (value == null) {
            return row;
        }
        return switch (row.table()) {
            case BOOKMARKS -> new Row(row.table(), row.key(), RowCodec.bookmark(value, this::state));
            case OPERATIONS -> operation(row, value);
            case CHANGES -> change(row, value);
            case WORKSPACES -> new Row(row.table(), row.key(), workspace(value));
            default -> other(row, value);
        };
    }

    private Row operation(Row row, byte[] value) {
        long number = Longs.fromByteArray(row.key());
        LoggedOperation old = RowCodec.decodeOperation(number, value);
        ImmutableList<LoggedOperation.Step> steps = old.steps().stream()
                .filter(step -> !isForgotten(step))
                .map(step -> step.map(this::state))
                .collect(ImmutableList.toImmutableList());
        boolean gone = steps.isEmpty() && !old.steps().isEmpty();
        if (gone && number != newestOperation) {
            return new Row(row.table(), row.key(), null);
        }
        ImmutableList<LoggedOperation.Amended> amended = old.amended().stream()
                .filter(each -> !abandoned.contains(each.before()) && !abandoned.contains(each.after()))
                .map(each -> new LoggedOperation.Amended(each.change(), commit(each.before()), commit(each.after())))
                .collect(ImmutableList.toImmutableList());
        LoggedOperation clean = new LoggedOperation(
                number,
                old.kind(),
                secrets.overwritten(old.by()),
                old.at(),
                old.reverts(),
                gone ? null : old.saved(),
                steps,
                amended,
                old.proposal());
        return new Row(row.table(), row.key(), RowCodec.encodeOperation(clean));
    }

    private Row change(Row row, byte[] value) {
        Set<ObjectId> left = new LinkedHashSet<>();
        for (ByteBuffer in = ByteBuffer.wrap(value); in.hasRemaining(); ) {
            ObjectId commit = ObjectId.read(in);
            if (!abandoned.contains(commit)) {
                // The newest is the last: one that comes again has its place at the end.
                left.remove(commit(commit));
                left.add(commit(commit));
            }
        }
        return HistoryTables.onlyCommits(ChangeId.of(row.key()), List.copyOf(left));
    }

    /** Cut, root, and what follows it. */
    private byte[] workspace(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        long cut = in.getLong();
        byte[] root = Roots.encode(roots.apply(Roots.read(in)));
        return ByteBuffer.allocate(Long.BYTES + root.length + in.remaining())
                .putLong(cut)
                .put(root)
                .put(in)
                .array();
    }

    private BookmarkState state(BookmarkState state) {
        return state.at(commit(state.commit())).showing(roots.apply(state.root()));
    }

    /** The commit that takes the place of that one. */
    public ObjectId commit(ObjectId commit) {
        Deque<ObjectId> todo = new ArrayDeque<>();
        todo.push(commit);
        while (!todo.isEmpty()) {
            ObjectId next = todo.peek();
            if (commits.containsKey(next)) {
                todo.pop();
                continue;
            }
            Change change = history.commit(next);
            List<ObjectId> missing = change.parents().stream()
                    .filter(parent -> !commits.containsKey(parent))
                    .toList();
            if (missing.isEmpty()) {
                todo.pop();
                commits.put(next, rewritten(change));
            } else {
                missing.forEach(todo::push);
            }
        }
        return found(commit);
    }

    private ObjectId found(ObjectId commit) {
        ObjectId found = commits.get(commit);
        if (found == null) {
            throw new IllegalStateException("not rewritten: " + commit);
        }
        return found;
    }

    private ObjectId rewritten(Change old) {
        Root root = roots.apply(old.root());
        ImmutableList<ObjectId> parents =
                old.parents().stream().map(this::found).collect(ImmutableList.toImmutableList());
        ImmutableList<Person> authors =
                old.authors().stream().map(this::person).collect(ImmutableList.toImmutableList());
        Change clean = new Change(
                old.id(),
                old.commit(),
                parents,
                root,
                authors,
                person(old.committer()),
                secrets.overwritten(old.message()),
                old.created(),
                old.generation());
        if (clean.equals(old)) {
            return old.commit();
        }
        rewritten.add(old.id());
        return table.write(ObjectKind.CHANGE, ByteBuffer.wrap(RowCodec.encodeChange(clean)));
    }

    private Person person(Person person) {
        return new Person(secrets.overwritten(person.name()), secrets.overwritten(person.email()));
    }

    /** Of a row this knows nothing of: commits in it are those that took their place, secrets are overwritten. */
    private Row other(Row row, byte[] value) {
        boolean ofCommit = Row.startsWith(row.key(), ASKED) || Row.startsWith(row.key(), PAST);
        return ofCommit && (names(abandoned, row.key()) || names(abandoned, value))
                ? new Row(row.table(), row.key(), null)
                : new Row(row.table(), other(row.key()), other(value));
    }

    private static boolean names(Set<ObjectId> any, byte[] bytes) {
        boolean found = false;
        for (int at = 0; !any.isEmpty() && !found && at + ObjectId.BYTES <= bytes.length; at++) {
            found = any.contains(ObjectId.read(ByteBuffer.wrap(bytes, at, ObjectId.BYTES)));
        }
        return found;
    }

    private byte[] other(byte[] bytes) {
        byte[] clean = secrets.overwritten(bytes).clone();
        for (int at = 0; at + ObjectId.BYTES <= clean.length; at++) {
            ObjectId old = ObjectId.read(ByteBuffer.wrap(clean, at, ObjectId.BYTES));
            ObjectId commit = abandoned.contains(old) ? Beginning.VIRTUAL_ROOT.commit() : commits.get(old);
            if (commit != null) {
                commit.write(ByteBuffer.wrap(clean, at, ObjectId.BYTES));
                at += ObjectId.BYTES - 1;
            }
        }
        return Arrays.equals(clean, bytes) ? bytes : clean;
    }

    /** Shows what a row leads to. */
    public static void references(Row row, Consumer<Root> roots, Consumer<ObjectId> commits) {
        byte[] value = row.value();
        if (value == null) {
            return;
        }
        switch (row.table()) {
            case BOOKMARKS -> references(RowCodec.decodeBookmark(value), roots, commits);
            case OPERATIONS -> {
                LoggedOperation operation = RowCodec.decodeOperation(Longs.fromByteArray(row.key()), value);
                operation.steps().forEach(step -> {
                    references(step.before(), roots, commits);
                    references(step.after(), roots, commits);
                });
                operation.amended().forEach(each -> {
                    commits.accept(each.before());
                    commits.accept(each.after());
                });
            }
            case CHANGES -> {
                for (ByteBuffer in = ByteBuffer.wrap(value); in.hasRemaining(); ) {
                    commits.accept(ObjectId.read(in));
                }
            }
            case WORKSPACES -> roots.accept(Roots.read(ByteBuffer.wrap(value).position(Long.BYTES)));
            default -> {}
        }
    }

    private static void references(@Nullable BookmarkState state, Consumer<Root> roots, Consumer<ObjectId> commits) {
        if (state != null) {
            roots.accept(state.root());
            commits.accept(state.commit());
        }
    }

    /** Whether there are bytes of a secret in a row. */
    public static boolean holds(Row row, Secrets secrets) {
        List<Range> inKey = secrets.find(row.key());
        byte[] value = row.value();
        return !inKey.isEmpty() || (value != null && !secrets.find(value).isEmpty());
    }

    /** The tables that are rewritten before the one whose rows are not known: that one names their commits. */
    public static List<Table> order() {
        return List.of(Table.CHANGES, Table.BOOKMARKS, Table.OPERATIONS, Table.WORKSPACES, Table.META);
    }
}

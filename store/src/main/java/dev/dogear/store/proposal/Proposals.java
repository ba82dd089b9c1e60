package dev.dogear.store.proposal;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import com.google.common.primitives.Longs;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.Bookmarks;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.proposal.Proposal.Last;
import dev.dogear.store.proposal.Proposal.Side;
import dev.dogear.store.proposal.Proposal.State;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The proposals of one repository: rows of {@link Table#META} by their number. In memory is only which of them an operation
 * may concern. They change with the operations that {@link #follow} is shown, and by rows that are published beside one.
 */
public final class Proposals {
    private static final byte[] PREFIX = "proposal ".getBytes(StandardCharsets.UTF_8);
    private static final int KEY_BYTES = PREFIX.length + Long.BYTES;

    private final Tables tables;
    /** What is known of each by its number, for taking it out of the look-ups again. */
    private final TreeMap<Long, Brief> briefs = new TreeMap<>();
    /** Those open or withdrawn, by the number of their source. */
    private final SetMultimap<Integer, Long> bySource = HashMultimap.create();
    /** Likewise, by the number of their target. */
    private final SetMultimap<Integer, Long> byTarget = HashMultimap.create();
    /** By the operation that changed their state last. */
    private final SetMultimap<Long, Long> byOperation = HashMultimap.create();

    private record Brief(int source, int target, State state, long operation) {
        boolean mayMove() {
            return state == State.OPEN || state == State.WITHDRAWN;
        }
    }

    public Proposals(Tables tables) {
        this.tables = tables;
        tables.scanPrefix(Table.META, PREFIX, (key, value) -> {
            index(ProposalCodec.decode(number(key), value));
            return true;
        });
    }

    /** The row of a proposal whose bookmarks have other numbers now. */
    public static byte[] renumbered(byte[] value, IntUnaryOperator numbers) {
        Proposal old = ProposalCodec.decode(0, value);
        return ProposalCodec.encode(new Proposal(
                0,
                old.state(),
                old.former(),
                new Proposal.Side(
                        old.source().bookmark(), numbers.applyAsInt(old.source().number())),
                new Proposal.Side(
                        old.target().bookmark(), numbers.applyAsInt(old.target().number())),
                old.author(),
                old.message(),
                old.at(),
                old.diff(),
                old.movers(),
                old.approvals(),
                old.last()));
    }

    /** @throws StoreException NOT_FOUND */
    public Proposal get(long number) {
        byte[] value = tables.get(Table.META, key(number));
        if (value == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no proposal " + number);
        }
        return ProposalCodec.decode(number, value);
    }

    /** Newest first, numbers below {@code before}. */
    public List<Proposal> list(long before, Predicate<Proposal> wanted, int limit) {
        List<Proposal> found = new ArrayList<>();
        for (long number : numbersBelow(before)) {
            Proposal proposal = get(number);
            if (wanted.test(proposal)) {
                found.add(proposal);
                if (found.size() >= limit) {
                    break;
                }
            }
        }
        return found;
    }

    private synchronized List<Long> numbersBelow(long before) {
        return List.copyOf(briefs.headMap(before, false).descendingKeySet());
    }

    /** All that are open, oldest first. */
    public List<Proposal> open() {
        return openNumbers().stream().map(this::get).filter(Proposal::isOpen).toList();
    }

    private synchronized Set<Long> openNumbers() {
        TreeSet<Long> numbers = new TreeSet<>(bySource.values());
        numbers.removeIf(number -> {
            Brief brief = briefs.get(number);
            return brief == null || brief.state() != State.OPEN;
        });
        return numbers;
    }

    /** The open ones of that bookmark. */
    public List<Proposal> openOf(int source) {
        return numbers(bySource, source).stream()
                .map(this::get)
                .filter(Proposal::isOpen)
                .toList();
    }

    /** The open one of that bookmark into that other, or null. */
    public @Nullable Proposal open(int source, int target) {
        return openOf(source).stream()
                .filter(each -> each.target().number() == target)
                .findFirst()
                .orElse(null);
    }

    private synchronized <K> List<Long> numbers(SetMultimap<K, Long> index, K key) {
        return List.copyOf(new TreeSet<>(index.get(key)));
    }

    /** Looks at every row; tells of each that is damaged. */
    public void check(Consumer<String> problems) {
        tables.scanPrefix(Table.META, PREFIX, (key, value) -> {
            try {
                ProposalCodec.decode(number(key), value);
            } catch (StoreException e) {
                problems.accept(String.valueOf(e.getMessage()));
            }
            return true;
        });
    }

    /** The number of the next one; to be asked for while no other operation is published. */
    public synchronized long next() {
        return briefs.isEmpty() ? 1 : briefs.lastKey() + 1;
    }

    /**
     * Rows that say what an operation means for proposals: who moves a source ends what was approved of it; whose bookmark is
     * deleted is withdrawn; and what reverts the operation that closed one opens it again.
     *
     * @param bookmarks as they are before the operation
     */
    public List<Row> follow(LoggedOperation operation, Bookmarks bookmarks) {
        if (operation.kind().movesNothing()) {
            return List.of();
        }
        TreeMap<Long, Proposal> changed = new TreeMap<>();
        for (LoggedOperation.Step step : operation.steps()) {
            follow(operation, step, changed);
        }
        Set<Long> back = new TreeSet<>();
        if (operation.reverts() != 0) {
            back.addAll(numbers(byOperation, operation.reverts()));
        }
        for (LoggedOperation.Step step : operation.steps()) {
            BookmarkState after = step.before() == null ? step.after() : null;
            if (after != null) {
                about(after.number()).stream()
                        .filter(number -> get(number).state() == State.WITHDRAWN)
                        .forEach(back::add);
            }
        }
        for (long number : back) {
            Proposal reverted = get(number).reverted(last(operation));
            if (!reverted.isOpen() || canOpen(reverted, operation, bookmarks)) {
                changed.put(number, reverted);
            }
        }
        // The merge of a proposal says itself what becomes of it.
        changed.remove(operation.proposal());
        return changed.values().stream().map(Proposals::row).toList();
    }

    private void follow(LoggedOperation operation, LoggedOperation.Step step, Map<Long, Proposal> changed) {
        BookmarkState before = step.before();
        BookmarkState after = step.after();
        if (before == null) {
            return;
        }
        if (after == null) {
            for (long number : about(before.number())) {
                Proposal proposal = changed.getOrDefault(number, get(number));
                if (proposal.isOpen()) {
                    changed.put(number, proposal.become(State.WITHDRAWN, proposal.diff(), last(operation)));
                }
            }
        } else if (!before.commit().equals(after.commit())) {
            for (long number : numbers(bySource, after.number())) {
                Proposal proposal = changed.getOrDefault(number, get(number));
                changed.put(number, proposal.moved(operation.by(), operation.number()));
            }
        }
    }

    /** Those open or withdrawn that a bookmark is a side of. */
    private Set<Long> about(int bookmark) {
        Set<Long> about = new TreeSet<>(numbers(bySource, bookmark));
        about.addAll(numbers(byTarget, bookmark));
        return about;
    }

    /** Both bookmarks are there, and nobody has proposed the same anew. */
    private boolean canOpen(Proposal proposal, LoggedOperation operation, Bookmarks bookmarks) {
        return isThere(proposal.source(), operation, bookmarks)
                && isThere(proposal.target(), operation, bookmarks)
                && open(proposal.source().number(), proposal.target().number()) == null;
    }

    private static boolean isThere(Side side, LoggedOperation operation, Bookmarks bookmarks) {
        LoggedOperation.Step step = operation.step(side.bookmark());
        BookmarkState state = step == null ? bookmarks.get(side.bookmark()) : step.after();
        return state != null && state.number() == side.number();
    }

    private static Last last(LoggedOperation operation) {
        return new Last(operation.number(), operation.by(), operation.at(), "");
    }

    /** The row that says so. */
    public static Row row(Proposal proposal) {
        return new Row(Table.META, key(proposal.number()), ProposalCodec.encode(proposal));
    }

    /** Takes over what was published, of all rows those of proposals. */
    public synchronized void apply(List<Row> rows) {
        for (Row row : rows) {
            byte[] value = row.value();
            if (row.table() == Table.META && Row.startsWith(row.key(), PREFIX) && value != null) {
                index(ProposalCodec.decode(number(row.key()), value));
            }
        }
    }

    private synchronized void index(Proposal proposal) {
        long number = proposal.number();
        Brief now = new Brief(
                proposal.source().number(),
                proposal.target().number(),
                proposal.state(),
                proposal.last().operation());
        Brief old = briefs.put(number, now);
        if (old != null) {
            bySource.remove(old.source(), number);
            byTarget.remove(old.target(), number);
            byOperation.remove(old.operation(), number);
        }
        if (now.mayMove()) {
            bySource.put(now.source(), number);
            byTarget.put(now.target(), number);
        }
        if (now.operation() != 0) {
            byOperation.put(now.operation(), number);
        }
    }

    private static byte[] key(long number) {
        byte[] key = Arrays.copyOf(PREFIX, KEY_BYTES);
        System.arraycopy(Longs.toByteArray(number), 0, key, PREFIX.length, Long.BYTES);
        return key;
    }

    private static long number(byte[] key) {
        return Longs.fromByteArray(Arrays.copyOfRange(key, PREFIX.length, key.length));
    }
}

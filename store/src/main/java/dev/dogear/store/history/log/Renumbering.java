package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import dev.dogear.store.lmdb.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Gives the bookmarks of a repository other numbers, in all its rows: those it had may be others' in another store. One thread. */
public final class Renumbering {
    /** What the keys begin with that go on with the number of a bookmark, or of a change that is looked at. */
    private static final List<byte[]> BEFORE_NUMBERS = List.of(
            "protected ".getBytes(StandardCharsets.UTF_8),
            "past number ".getBytes(StandardCharsets.UTF_8),
            BookmarkFacts.ORIGIN,
            BookmarkFacts.EXPIRY);

    private static final byte[] PAST_COMMIT = "past commit ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PROPOSAL = "proposal ".getBytes(StandardCharsets.UTF_8);
    /** What belongs to the tables themselves, which are others. */
    private static final byte[] OWN = "dogear.".getBytes(StandardCharsets.UTF_8);

    private final IntSupplier fresh;
    private final OfProposals proposals;
    private final Map<Integer, Integer> numbers = new HashMap<>();

    /** Rewrites the row of a proposal. */
    @FunctionalInterface
    public interface OfProposals {
        byte[] renumbered(byte[] value, IntUnaryOperator numbers);
    }

    /** @param fresh gives numbers nobody ever had */
    public Renumbering(IntSupplier fresh, OfProposals proposals) {
        this.fresh = fresh;
        this.proposals = proposals;
    }

    private int number(int old) {
        return numbers.computeIfAbsent(old, missing -> fresh.getAsInt());
    }

    /** The row as it is to be; null if it is none of the repository's history. */
    public @Nullable Row row(Row row) {
        byte[] value = row.value();
        if (value == null) {
            return null;
        }
        return switch (row.table()) {
            case BOOKMARKS -> new Row(row.table(), row.key(), RowCodec.bookmark(value, this::state));
            case OPERATIONS -> new Row(row.table(), row.key(), operation(row.key(), value));
            case WORKSPACES -> new Row(row.table(), numbered(row.key(), 0), atTheBeginning(value));
            case META -> meta(row, value);
            default -> row;
        };
    }

    private BookmarkState state(BookmarkState state) {
        return state.numbered(number(state.number()));
    }

    private byte[] operation(byte[] key, byte[] value) {
        LoggedOperation old = RowCodec.decodeOperation(Longs.fromByteArray(key), value);
        ImmutableList<LoggedOperation.Step> steps =
                old.steps().stream().map(step -> step.map(this::state)).collect(ImmutableList.toImmutableList());
        return RowCodec.encodeOperation(new LoggedOperation(
                old.number(),
                old.kind(),
                old.by(),
                old.at(),
                old.reverts(),
                old.saved(),
                steps,
                old.amended(),
                old.proposal()));
    }

    /** The journal of the new tables has no edits. */
    private static byte[] atTheBeginning(byte[] value) {
        byte[] changed = value.clone();
        ByteBuffer.wrap(changed).putLong(0);
        return changed;
    }

    private @Nullable Row meta(Row row, byte[] value) {
        byte[] key = row.key();
        if (Row.startsWith(key, OWN)) {
            return null;
        } else if (Row.startsWith(key, PAST_COMMIT)) {
            return new Row(row.table(), key, numbered(value, 0));
        } else if (Row.startsWith(key, PROPOSAL) && key.length == PROPOSAL.length + Long.BYTES) {
            return new Row(row.table(), key, proposals.renumbered(value, this::number));
        }
        for (byte[] before : BEFORE_NUMBERS) {
            if (Row.startsWith(key, before)) {
                return new Row(row.table(), numbered(key, before.length), value);
            }
        }
        return row;
    }

    private byte[] numbered(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        int old = Ints.fromBytes(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
        ByteBuffer.wrap(changed).putInt(at, number(old));
        return changed;
    }
}

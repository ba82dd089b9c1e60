package dev.dogear.store.history.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a bookmark and does not change when it moves: where it began and when it is to go. Rows of {@link Table#META} by
 * its number, read when somebody asks, so that they cost nothing where there are many. An undo of its deletion finds them.
 */
public final class BookmarkFacts {
    static final byte[] ORIGIN = "origin ".getBytes(UTF_8);
    static final byte[] EXPIRY = "expires ".getBytes(UTF_8);

    private final Tables tables;
    /** No bookmark is to go before this second; {@link Long#MIN_VALUE} before anybody looked. */
    private final AtomicLong nextExpiry = new AtomicLong(Long.MIN_VALUE);

    BookmarkFacts(Tables tables) {
        this.tables = tables;
    }

    /**
     * Where a bookmark began.
     *
     * @param bookmark the one it was made from; null if it was made at a change
     * @param change where it pointed first
     */
    public record Origin(@Nullable String bookmark, ChangeId change) {}

    /** The row that notes an origin. */
    public static Row origin(int number, Origin origin) {
        String bookmark = origin.bookmark();
        byte[] name = bookmark == null ? new byte[0] : bookmark.getBytes(UTF_8);
        return new Row(
                Table.META, key(ORIGIN, number), Bytes.concat(origin.change().toBytes(), name));
    }

    /** Null for a bookmark made before origins were noted. */
    public @Nullable Origin origin(int number) {
        byte[] row = tables.get(Table.META, key(ORIGIN, number));
        if (row == null) {
            return null;
        }
        ChangeId change = ChangeId.of(Arrays.copyOf(row, ChangeId.BYTES));
        String name = new String(row, ChangeId.BYTES, row.length - ChangeId.BYTES, UTF_8);
        return new Origin(name.isEmpty() ? null : name, change);
    }

    /** The row that notes when a bookmark is to go; null for never. */
    public static Row expiry(int number, @Nullable Instant at) {
        byte[] value = at == null ? null : Longs.toByteArray(at.getEpochSecond());
        return new Row(Table.META, key(EXPIRY, number), value);
    }

    /** When it is to go; null for never. */
    public @Nullable Instant expiry(int number) {
        byte[] row = tables.get(Table.META, key(EXPIRY, number));
        return row == null ? null : Instant.ofEpochSecond(Longs.fromByteArray(row));
    }

    /** A row was published that says so. Without this nobody looks for it in time. */
    public void noteExpiry(Instant at) {
        nextExpiry.accumulateAndGet(at.getEpochSecond(), Math::min);
    }

    /** The numbers of those that were to go by then. Wakes no tables if there are none. */
    public List<Integer> expired(Instant now) {
        long second = now.getEpochSecond();
        if (second < nextExpiry.get()) {
            return List.of();
        }
        // Before the rows are read: of one that is published meanwhile this reads, or is told afterwards.
        nextExpiry.set(Long.MAX_VALUE);
        boolean done = false;
        try {
            List<Integer> expired = numbers(EXPIRY, value -> {
                long at = Longs.fromByteArray(value);
                nextExpiry.accumulateAndGet(at, Math::min);
                return at <= second;
            });
            done = true;
            return expired;
        } finally {
            if (!done) {
                nextExpiry.set(Long.MIN_VALUE);
            }
        }
    }

    /** The numbers of all whose origin is noted. */
    public List<Integer> numbers() {
        return numbers(ORIGIN, value -> true);
    }

    private List<Integer> numbers(byte[] prefix, Predicate<byte[]> wanted) {
        List<Integer> numbers = new ArrayList<>();
        tables.scanPrefix(Table.META, prefix, (key, value) -> {
            if (wanted.test(value)) {
                numbers.add(Ints.fromByteArray(Arrays.copyOfRange(key, prefix.length, key.length)));
            }
            return true;
        });
        return numbers;
    }

    /** The rows that forget a bookmark nobody can bring back. */
    public static List<Row> forgotten(int number) {
        return List.of(new Row(Table.META, key(ORIGIN, number), null), expiry(number, null));
    }

    private static byte[] key(byte[] prefix, int number) {
        return Bytes.concat(prefix, Ints.toByteArray(number));
    }
}

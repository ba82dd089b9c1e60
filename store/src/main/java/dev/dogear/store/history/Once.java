package dev.dogear.store.history;

import com.google.common.hash.Hashing;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ObjectId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does a verb asked for under a key once: who asks again, since the answer was lost, gets the answer of the first time.
 * What is known of it is a row published with the operation, so the two are durable together. Kept for a day.
 */
final class Once {
    static final Duration KEPT = Duration.ofHours(24);

    private static final byte[] PREFIX = "asked ".getBytes(StandardCharsets.US_ASCII);
    private static final int VALUE_BYTES = 2 * Long.BYTES + 1 + ObjectId.BYTES;

    private final LiveRepository repository;
    /** Null: asked without a key. */
    private final byte @Nullable [] row;

    /**
     * What the verb did.
     *
     * @param operation its number, 0 if there was nothing to do
     * @param commit the change it answered
     * @param noOp a merge that joined nothing
     */
    record Done(long operation, ObjectId commit, boolean noOp) {}

    private Once(LiveRepository repository, byte @Nullable [] row) {
        this.repository = repository;
        this.row = row;
    }

    /** @param about verb, caller and names: the same key of another caller or for another bookmark is another one */
    static Once of(LiveRepository repository, @Nullable String key, String... about) {
        if (key == null) {
            return new Once(repository, null);
        }
        // A length before each part: no two lists of parts are the same text.
        StringBuilder text = new StringBuilder(key.length() + ":" + key);
        for (String part : about) {
            text.append(part.length()).append(':').append(part);
        }
        byte[] hash = Hashing.sha256().hashString(text, StandardCharsets.UTF_8).asBytes();
        byte[] row = Arrays.copyOf(PREFIX, PREFIX.length + hash.length);
        System.arraycopy(hash, 0, row, PREFIX.length, hash.length);
        return new Once(repository, row);
    }

    /** What it did the first time, or null if this is the first. Under the lock of the verb's bookmarks. */
    @Nullable
    Done done() {
        byte[] value = row == null ? null : repository.tables().get(Table.META, row);
        if (value == null || value.length != VALUE_BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        if (isOld(in.getLong())) {
            return null;
        }
        return new Done(in.getLong(), ObjectId.read(in), in.get() != 0);
    }

    /** Adds what there is to remember to the rows of the operation that does it. */
    void remember(List<Row> rows, Done done) {
        if (row == null) {
            return;
        }
        ByteBuffer value = ByteBuffer.allocate(VALUE_BYTES)
                .putLong(repository.now().getEpochSecond())
                .putLong(done.operation())
                .put(done.commit().toBytes())
                .put((byte) (done.noOp() ? 1 : 0));
        rows.add(new Row(Table.META, row, value.array()));
        rows.addAll(forgotten());
    }

    /** Remembers that there was nothing to do. */
    void rememberNothing(ObjectId commit) {
        if (row != null) {
            List<Row> rows = new ArrayList<>();
            remember(rows, new Done(0, commit, true));
            repository.publishAlone(rows);
        }
    }

    /** The decision, with what it did to {@code bookmark} remembered. */
    Switching.Decision remembering(String bookmark, Switching.Decision decision) {
        if (row == null) {
            return decision;
        }
        return gathered -> {
            Switching.Plan plan = decision.decide(gathered);
            return number -> {
                LoggedOperation operation = plan.make(number);
                LoggedOperation.Step step = operation.step(bookmark);
                BookmarkState after = step == null ? null : step.after();
                if (number != 0 && after != null) {
                    remember(gathered.rows(), new Done(number, after.commit(), false));
                }
                return operation;
            };
        };
    }

    private boolean isOld(long second) {
        return Instant.ofEpochSecond(second).plus(KEPT).isBefore(repository.now());
    }

    /** Rows that take away what was remembered more than a day ago; a key costs the keys of a day. */
    private List<Row> forgotten() {
        List<Row> rows = new ArrayList<>();
        repository.tables().scanPrefix(Table.META, PREFIX, (key, value) -> {
            if (isOld(ByteBuffer.wrap(value).getLong())) {
                rows.add(new Row(Table.META, key, null));
            }
            return true;
        });
        return rows;
    }
}

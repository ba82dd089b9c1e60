package dev.dogear.store.lmdb;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.LongSet;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.packing.Packer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;

/**
 * Writes a repository's tables anew: of its objects those that are marked, under the numbers they have, and its rows as
 * somebody has them be. No byte of the old files is in the new ones, free pages included. One rename puts the new index in
 * the place of the old one, and with it the new objects; a death before it leaves all of the old, one after it all of the
 * new, with a row that says up to where the journal is to be erased.
 *
 * <p>While it runs no verb may. Used by one thread.
 */
public final class Rewrite implements AutoCloseable {
    private static final long BATCH_BYTES = 16 << 20;
    private static final int BATCH_OBJECTS = 50_000;

    /** A file beside the tables while there is something to go on with after a death. */
    private static final String MARK = "purging";

    private final Path directory;
    private final ObjectEnvironments stored;
    private final JournaledObjects objects;
    private final Fold fold;
    private final LongSet live = new LongSet();
    /** Marked after the copying had passed them. */
    private final List<Long> late = new ArrayList<>();

    private final Environment target;
    private final Packer packer = new Packer(null);
    private long liveBytes;
    private long copied;
    private long copiedBelow;
    private boolean finished;
    private boolean completed;

    Rewrite(Path directory, ObjectEnvironments stored, JournaledObjects objects, Fold fold) {
        this.directory = directory;
        this.stored = stored;
        this.objects = objects;
        this.fold = fold;
        this.target = stored.next();
    }

    /**
     * This object stays. It has to be folded.
     *
     * @return whether it was not marked before, so that what it refers to is to be marked as well
     * @throws StoreException CORRUPT if there is no such object
     */
    public boolean mark(ObjectId id) {
        IdRow row = stored.find(id);
        if (row == null) {
            throw Errors.corrupt("Object " + id + (objects.isJournaled(id) ? " is not folded" : " is missing")
                    + ", so nothing is purged here; see: dogear check");
        }
        boolean first = live.add(row.sequence());
        if (first) {
            liveBytes += row.length();
            if (row.sequence() < copiedBelow) {
                late.add(row.sequence());
            }
        }
        return first;
    }

    /** How many were marked. */
    public long marked() {
        return live.size();
    }

    /**
     * Copies what is marked and not copied yet.
     *
     * @param progress told the number of objects copied so far
     * @throws StoreException NO_SPACE if the disk cannot hold both
     */
    public void copy(LongConsumer progress) {
        if (copied == 0) {
            long bytes = Math.min(liveBytes, stored.objects().sizeBytes());
            DiskErrors.requireRoom("A purge needs room for a copy of what stays", directory, bytes);
        }
        copyLate();
        boolean more = true;
        while (more) {
            boolean[] last = new boolean[1];
            target.write(2 * BATCH_BYTES, out -> last[0] = copyBatch(out));
            progress.accept(copied);
            more = !last[0];
        }
    }

    /** Answers whether that was the last. */
    private boolean copyBatch(WriteView out) {
        long bytes = 0;
        long from = copiedBelow;
        long count = 0;
        try (ReadView view = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.OBJECTS)) {
            ByteBuffer start = view.key(from);
            boolean there = cursor.get(start, GetOp.MDB_SET_RANGE);
            while (there && bytes < BATCH_BYTES && count < BATCH_OBJECTS) {
                long sequence = cursor.key().getLong(0);
                if (live.contains(sequence)) {
                    bytes += copyValue(out, view, sequence, cursor.val(), PutFlags.MDB_APPEND);
                    count++;
                }
                from = sequence + 1;
                there = cursor.next();
            }
            copiedBelow = from;
            copied += count;
            return !there;
        }
    }

    /** Copies an object so that it needs no dictionary: one has in it what it was trained on. Returns the bytes of it. */
    private int copyValue(WriteView out, ReadView view, long sequence, ByteBuffer value, PutFlags... flags) {
        byte[] copied = ReadView.bytes(value);
        if (StoredObject.dictionary(value) != 0) {
            byte[] content = ReadView.bytes(StoredObject.content(value, view));
            ObjectKind kind = StoredObject.kind(ByteBuffer.wrap(copied));
            byte[] packed = StoredObject.packed(kind, content, packer);
            copied = packed == null ? StoredObject.plain(kind, content) : packed;
        }
        out.reserve(ObjectEnvironments.OBJECTS, sequence, copied.length, flags).put(copied);
        return copied.length;
    }

    private void copyLate() {
        for (long sequence : late) {
            try (ReadView view = stored.readObjects()) {
                ByteBuffer value = view.get(ObjectEnvironments.OBJECTS, sequence);
                if (value == null) {
                    throw Errors.corrupt("Object number " + sequence + " is missing; see: dogear check");
                }
                // A duplicate, since a look at a dictionary ends what the view gave before.
                target.write(value.remaining() + BATCH_BYTES, out -> copyValue(out, view, sequence, value.duplicate()));
            }
            copied++;
        }
        late.clear();
    }

    /**
     * Puts the new index in the place of the old one; nobody may edit, and all that was marked is copied. Until
     * {@link #complete} all objects can be read still.
     *
     * @param eraseBelow the LSN below which the journal is to be erased after this: where it was rolled
     * @param rewritten what a row is to be; a key that changes must not be that of another
     * @return false, and nothing has happened, if objects or rows came that are not folded
     */
    public boolean finish(long eraseBelow, UnaryOperator<Row> rewritten) {
        beginMark();
        Boolean done = fold.still(() -> {
            stored.rewrite(eraseBelow, out -> fill(out, rewritten));
            return true;
        });
        finished = done != null;
        return finished;
    }

    /** From now on there are no objects but those that were marked. */
    public void complete() {
        if (finished && !completed) {
            completed = true;
            stored.rewritten(target).retire();
        }
    }

    /** Whether the tables in that folder are to be opened soon, since a rewriting of them may not be through. */
    public static boolean isMarked(Path directory) {
        return Files.exists(directory.resolve(MARK));
    }

    private void beginMark() {
        try {
            Files.write(directory.resolve(MARK), new byte[0]);
        } catch (IOException e) {
            throw Errors.of("Purging", directory, e);
        }
        Tables.syncDirectory(directory);
    }

    static void endMark(Path directory) {
        try {
            Files.deleteIfExists(directory.resolve(MARK));
        } catch (IOException e) {
            throw Errors.of("Purging", directory, e);
        }
    }

    private void fill(WriteView out, UnaryOperator<Row> rewritten) {
        try (ReadView view = stored.index().read()) {
            try (Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
                // All of them, since all can be read for a moment still; the sweep takes those away that are not live.
                for (boolean there = cursor.first(); there; there = cursor.next()) {
                    out.put(ObjectEnvironments.IDS, ReadView.bytes(cursor.key()), ReadView.bytes(cursor.val()));
                }
            }
            for (Table table : Table.values()) {
                fill(table, out, view, rewritten);
            }
        }
    }

    private static void fill(Table table, WriteView out, ReadView view, UnaryOperator<Row> rewritten) {
        int number = ObjectEnvironments.number(table);
        try (Cursor<ByteBuffer> cursor = view.cursor(number)) {
            for (boolean there = cursor.first(); there; there = cursor.next()) {
                byte[] key = ReadView.bytes(cursor.key());
                if (table == Table.META && Meta.isOwn(key)) {
                    continue;
                }
                Row row = rewritten.apply(new Row(table, key, ReadView.bytes(cursor.val())));
                byte[] value = row.value();
                if (value != null) {
                    out.put(number, row.key(), value);
                }
            }
        }
    }

    /** Ends it; if it was not finished, nothing of it is left. */
    @Override
    public void close() {
        complete();
        packer.close();
        if (!finished) {
            target.retire();
        }
    }
}

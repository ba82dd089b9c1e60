package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.JournaledObjects.PendingObject;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.packing.Dictionary;
import dev.dogear.store.packing.Packer;
import dev.dogear.store.packing.Training;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.PutFlags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what is pending into LMDB: objects first, then in one transaction their ids, the rows and how far that came. A
 * crash between the two is repeated by the next fold, which skips the objects it finds.
 */
final class Fold {
    /** What one step takes at most, so that repositories take turns. */
    private static final long STEP_BYTES = 32 << 20;

    /** The same where room is short: the journal's segments behind each step make room for the next. */
    private static final long SHORT_STEP_BYTES = 4 << 20;

    private static final int STEP_OBJECTS = 20_000;

    /** With less free than this, a verb that stores much and the folder must not write the same content at once. */
    private static final long SHORT_ROOM_BYTES = 256 << 20;

    /** How far the position kept in LMDB may lag when there was nothing to fold. */
    private static final long LAG_BYTES = 1 << 20;

    /** With fewer objects a dictionary would not pay. */
    private static final int TRAINED_OBJECTS_MIN = 500;

    /** With so many times the objects a dictionary was trained on a better one is looked for. */
    private static final long TRAINED_AGAIN_FACTOR = 16;

    private static final int SAMPLES_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Fold.class);

    private final Path directory;
    private final Journal journal;
    private final JournaledObjects objects;
    private final PendingRows rows;
    private final ObjectEnvironments stored;
    /** Keeps out whoever appends and has not told the pending objects or rows yet. */
    private final Lock nobodyAppending;

    private final ReentrantLock folding = new ReentrantLock();
    private volatile long applied;
    /** How many objects there were when a dictionary was last looked for; only while folding. */
    private long triedObjects;

    Fold(
            Path directory,
            Journal journal,
            JournaledObjects objects,
            PendingRows rows,
            ObjectEnvironments stored,
            Lock nobodyAppending) {
        this.directory = directory;
        this.journal = journal;
        this.objects = objects;
        this.rows = rows;
        this.stored = stored;
        this.nobodyAppending = nobodyAppending;
    }

    void startAt(long lsn) {
        applied = lsn;
    }

    /** The LSN below which LMDB has everything of this package. */
    long applied() {
        return applied;
    }

    /** Whether the disk is nearly full. */
    boolean roomIsShort() {
        try {
            return Files.getFileStore(directory).getUsableSpace() < SHORT_ROOM_BYTES;
        } catch (IOException e) {
            return false; // whoever writes next hears what is wrong
        }
    }

    /** Folds all there is now. */
    void all(LongSupplier keepFrom) {
        long target = journal.tail();
        while (applied < target) {
            step(keepFrom, true);
        }
        recycle(keepFrom);
    }

    /**
     * Folds some.
     *
     * @param exactly whether the position is to be kept in LMDB though nothing was folded
     * @return whether more was there
     */
    boolean step(LongSupplier keepFrom, boolean exactly) {
        folding.lock();
        try {
            long horizon = horizon();
            // LMDB must not know what a power cut may take from the journal.
            journal.flush();
            recycle(keepFrom);
            List<PendingObject> batch = objects.below(horizon);
            int count = first(batch, roomIsShort() ? SHORT_STEP_BYTES : STEP_BYTES);
            boolean more = count < batch.size();
            if (more) {
                horizon = batch.get(count).lsn;
                batch = batch.subList(0, count);
            }
            List<Row> changed = rows.below(horizon);
            if (!batch.isEmpty() || !changed.isEmpty() || horizon - applied > (exactly ? 0 : LAG_BYTES)) {
                writeObjects(batch);
                writeIndex(batch, changed, horizon);
                drop(batch, horizon);
                applied = horizon;
            }
            recycle(keepFrom);
            return more;
        } finally {
            folding.unlock();
        }
    }

    /** Runs work while nothing is folded. */
    <T> T alone(Supplier<T> work) {
        folding.lock();
        try {
            return work.get();
        } finally {
            folding.unlock();
        }
    }

    /** The same while nobody appends objects or rows either, all of which LMDB has; null, and nothing was done, if it has not. */
    <T> @Nullable T still(Supplier<T> work) {
        return alone(() -> {
            nobodyAppending.lock();
            try {
                if (!rows.isEmpty() || !objects.below(Long.MAX_VALUE).isEmpty()) {
                    return null;
                }
                triedObjects = 0;
                return work.get();
            } finally {
                nobodyAppending.unlock();
            }
        });
    }

    private void recycle(LongSupplier keepFrom) {
        long keep = Math.min(applied, keepFrom.getAsLong());
        if (keep > journal.head()) {
            // A workspace's cut may rest on a row that is journaled but not durable yet: that first, then the deletion.
            journal.flush();
            journal.recycle(keep);
        }
    }

    /** An LSN below which every record is in the journal and, if it is ours, pending. */
    private long horizon() {
        nobodyAppending.lock();
        try {
            return journal.tail();
        } finally {
            nobodyAppending.unlock();
        }
    }

    private void drop(List<PendingObject> batch, long horizon) {
        nobodyAppending.lock();
        try {
            rows.dropBelow(horizon);
        } finally {
            nobodyAppending.unlock();
        }
        objects.drop(batch);
    }

    /** How many of them one step takes. */
    private static int first(List<PendingObject> batch, long maxBytes) {
        long bytes = 0;
        int count = 0;
        while (count < batch.size() && count < STEP_OBJECTS && bytes < maxBytes) {
            bytes += batch.get(count++).length;
        }
        return count;
    }

    private void writeObjects(List<PendingObject> batch) {
        if (batch.isEmpty()) {
            return;
        }
        Dictionary present = stored.usableDictionary();
        Dictionary trained = train(batch, present);
        Dictionary dictionary = trained == null ? present : trained;
        try (Packer packer = new Packer(dictionary)) {
            stored.objects().write(bytes(batch) + Dictionary.BYTES_MAX, view -> {
                if (trained != null) {
                    byte[] row = trained.encode();
                    view.reserve(ObjectEnvironments.DICTIONARIES, trained.number(), row.length)
                            .put(row);
                }
                long last = view.lastNumber(ObjectEnvironments.OBJECTS);
                for (PendingObject object : batch) {
                    if (object.lsn > last) {
                        put(view, object, packer, PutFlags.MDB_APPEND);
                    } else if (!view.contains(ObjectEnvironments.OBJECTS, object.lsn)) {
                        put(view, object, packer);
                    }
                }
            });
        }
    }

    /** A new dictionary if it is time for one and it pays, else null. */
    private @Nullable Dictionary train(List<PendingObject> batch, @Nullable Dictionary present) {
        long count = stored.count() + batch.size();
        long due = present == null ? TRAINED_OBJECTS_MIN : present.objects() * TRAINED_AGAIN_FACTOR;
        if (count < Math.max(due, 2 * triedObjects)) {
            return null;
        }
        triedObjects = count;
        try {
            List<byte[]> samples = stored.samples(SAMPLES_MAX, Training.SAMPLES_BYTES_MAX / 2);
            addSamples(batch, samples);
            return Training.train(samples, present, stored.nextDictionary(), count);
        } catch (StoreException e) {
            LOG.warn("no dictionary was trained: {}", e.getMessage());
            return null;
        }
    }

    private void addSamples(List<PendingObject> batch, List<byte[]> samples) {
        int step = 1 + batch.size() / SAMPLES_MAX;
        int bytes = 0;
        for (int i = 0; i < batch.size() && bytes < Training.SAMPLES_BYTES_MAX; i += step) {
            PendingObject object = batch.get(i);
            if (object.length < StoredObject.PACKED_BELOW_BYTES) {
                byte[] plain = new byte[object.length];
                objects.copy(object, ByteBuffer.wrap(plain));
                samples.add(plain);
                bytes += plain.length;
            }
        }
    }

    private void put(WriteView view, PendingObject object, Packer packer, PutFlags... flags) {
        if (object.length < StoredObject.PACKED_BELOW_BYTES) {
            byte[] plain = new byte[object.length];
            objects.copy(object, ByteBuffer.wrap(plain));
            byte[] packed = StoredObject.packed(object.kind, plain, packer);
            if (packed != null) {
                view.reserve(ObjectEnvironments.OBJECTS, object.lsn, packed.length, flags)
                        .put(packed);
                return;
            }
        }
        int length = StoredObject.HEADER_BYTES + object.length;
        ByteBuffer value = view.reserve(ObjectEnvironments.OBJECTS, object.lsn, length, flags);
        objects.copy(object, StoredObject.begin(value, object.kind, 0));
        StoredObject.seal(value);
    }

    private void writeIndex(List<PendingObject> batch, List<Row> changed, long horizon) {
        // In the order of their ids, so that neighbours share the page that is copied for them.
        List<PendingObject> sorted = batch.stream()
                .sorted(Comparator.comparing((PendingObject object) -> object.id))
                .toList();
        stored.index().write(bytes(changed, sorted.size()), view -> {
            for (PendingObject object : sorted) {
                ObjectId id = object.id;
                IdRow row = new IdRow(object.lsn, object.kind, object.length);
                view.put(ObjectEnvironments.IDS, id.toBytes(), row.encode());
            }
            for (Row row : changed) {
                byte[] value = row.value();
                if (value == null) {
                    view.delete(ObjectEnvironments.number(row.table()), row.key());
                } else {
                    view.put(ObjectEnvironments.number(row.table()), row.key(), value);
                }
            }
            Meta.putApplied(view, horizon);
        });
    }

    private static long bytes(List<PendingObject> batch) {
        return batch.stream()
                .mapToLong(object -> object.length + PendingObject.OVERHEAD_BYTES)
                .sum();
    }

    private static long bytes(List<Row> changed, int ids) {
        long bytes = (long) ids * PendingObject.OVERHEAD_BYTES;
        for (Row row : changed) {
            byte[] value = row.value();
            bytes += row.key().length + (value == null ? 0 : value.length) + PendingObject.OVERHEAD_BYTES;
        }
        return bytes;
    }
}

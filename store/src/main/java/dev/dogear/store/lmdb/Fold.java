package dev.dogear.store.lmdb;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.JournaledObjects.PendingObject;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
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
import org.lmdbjava.PutFlags;

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

    private final Path directory;
    private final Journal journal;
    private final JournaledObjects objects;
    private final PendingRows rows;
    private final ObjectEnvironments stored;
    /** Keeps out whoever appends and has not told the pending objects or rows yet. */
    private final Lock nobodyAppending;

    private final ReentrantLock folding = new ReentrantLock();
    private volatile long applied;

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
        try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            stored.objects().write(bytes(batch), view -> {
                long last = view.lastNumber(ObjectEnvironments.OBJECTS);
                for (PendingObject object : batch) {
                    if (object.lsn > last) {
                        put(view, object, zstd, PutFlags.MDB_APPEND);
                    } else if (!view.contains(ObjectEnvironments.OBJECTS, object.lsn)) {
                        put(view, object, zstd);
                    }
                }
            });
        }
    }

    private void put(WriteView view, PendingObject object, ZstdCompressCtx zstd, PutFlags... flags) {
        if (object.length < StoredObject.PACKED_BELOW_BYTES) {
            byte[] plain = new byte[object.length];
            objects.copy(object, ByteBuffer.wrap(plain));
            byte[] packed = zstd.compress(plain);
            if (packed.length + Integer.BYTES < plain.length) {
                int length = StoredObject.PACKED_HEADER_BYTES + packed.length;
                ByteBuffer value = view.reserve(ObjectEnvironments.OBJECTS, object.lsn, length, flags);
                StoredObject.begin(value, object.kind, StoredObject.PACKED)
                        .putInt(plain.length)
                        .put(packed);
                StoredObject.seal(value);
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

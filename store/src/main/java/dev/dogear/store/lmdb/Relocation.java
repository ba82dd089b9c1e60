package dev.dogear.store.lmdb;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.LongSet;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.packing.Packer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One move of the live objects of a repository into a new environment, under the numbers they have; in place of the old one
 * once all are there. Deleting in place would poison LMDB's free list.
 *
 * <p>It begins and ends at moments when nobody is between storing an object and publishing what refers to it. What was
 * in the journal only when it began, or came since, is kept without being asked for. What was there already and was
 * written again meanwhile (its writer was told that it is there) is kept too. All the rest is kept if it was marked.
 * Used by one thread.
 */
public final class Relocation implements AutoCloseable {
    private static final long BATCH_BYTES = 16 << 20;
    private static final int BATCH_OBJECTS = 50_000;
    /** With so little left, the rest is copied while verbs wait. */
    private static final long LAST_BYTES = 1 << 20;

    private static final int ROUNDS_MAX = 50;

    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);

    private final Path directory;
    private final ObjectEnvironments stored;
    private final JournaledObjects objects;
    private final Fold fold;
    private final Set<ObjectId> writtenAgain;
    /** Objects from this number on are kept unasked. */
    private final long horizon;

    private final LongSet live = new LongSet();
    /** Marked before the folder had them. */
    private final Set<ObjectId> liveJournaled = new HashSet<>();

    /** By the newest dictionary there was when it began. */
    private final Packer packer;

    private final Set<Integer> copiedDictionaries = new HashSet<>();

    private long liveBytes;
    private long copiedObjects;
    private @Nullable Environment target;
    /** The number from which on nothing is copied yet. */
    private long copiedBelow;

    private boolean finished;

    Relocation(Path directory, ObjectEnvironments stored, JournaledObjects objects, Fold fold) {
        this.directory = directory;
        this.stored = stored;
        this.objects = objects;
        this.fold = fold;
        this.horizon = fold.applied();
        this.writtenAgain = objects.watchWrites();
        this.packer = new Packer(stored.usableDictionary());
    }

    /**
     * This object is live.
     *
     * @return whether it was not marked before, so that what it refers to is to be marked as well
     * @throws StoreException CORRUPT if there is no such object
     */
    public boolean mark(ObjectId id) {
        if (objects.isJournaled(id)) {
            return liveJournaled.add(id);
        }
        IdRow row = stored.find(id);
        if (row == null) {
            // The folder may have taken it in between the two looks.
            if (objects.isJournaled(id)) {
                return liveJournaled.add(id);
            }
            throw Errors.corrupt("Object " + id + " is missing, so nothing is collected here; see: dogear check");
        }
        boolean first = live.add(row.sequence());
        if (first) {
            liveBytes += row.length();
        }
        return first;
    }

    /** How many were marked. */
    public long marked() {
        return (long) live.size() + liveJournaled.size();
    }

    /** About what the environment would take with what was marked: the share of the content that is live. */
    public long storedBytes() {
        long before = stored.objects().sizeBytes();
        long all = allBytes();
        return all == 0 ? before : (long) (before * ((double) liveBytes / all));
    }

    /** Content of all objects LMDB has. */
    private long allBytes() {
        long bytes = 0;
        byte[] from = new byte[ObjectId.BYTES];
        try (ReadView view = stored.index().read();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
            boolean there = cursor.get(view.key(from), GetOp.MDB_SET_RANGE);
            while (there) {
                bytes += IdRow.of(cursor.val()).length();
                there = cursor.next();
            }
        }
        return bytes;
    }

    /**
     * Copies what is live, while others go on.
     *
     * @param progress told the number of objects copied so far
     * @throws StoreException NO_SPACE if the disk cannot hold both
     */
    public void copy(LongConsumer progress) {
        long bytes = Math.min(liveBytes, stored.objects().sizeBytes());
        DiskErrors.requireRoom("Collecting needs room for a copy of what is live", directory, bytes);
        target = stored.next();
        long left = BATCH_BYTES;
        for (int round = 0; round < ROUNDS_MAX && left > LAST_BYTES; round++) {
            copyWrittenAgain();
            left = copyOnce(progress);
        }
    }

    /**
     * Copies what came last and puts the new environment in the place of the old one, whose files are deleted. While this
     * runs nobody may be between storing objects and publishing, and the journal has to be durable up to where this began.
     */
    public void finish() {
        Environment next = requireTarget();
        Environment replaced = fold.alone(() -> {
            copyWrittenAgain();
            copyOnce(count -> {});
            copyNewestDictionary();
            Environment before = stored.replace(next);
            finished = true;
            return before;
        });
        replaced.retire();
    }

    /** Ends it; if it was not finished, nothing of it is left. */
    @Override
    public void close() {
        objects.unwatchWrites();
        packer.close();
        if (!finished && target != null) {
            target.retire();
        }
    }

    private Environment requireTarget() {
        Environment next = target;
        if (next == null) {
            throw new IllegalStateException("nothing was copied yet");
        }
        return next;
    }

    /** From where copying got to up to the end; the bytes of that. */
    private long copyOnce(LongConsumer progress) {
        long bytes = 0;
        while (true) {
            Batch batch = copyBatch();
            bytes += batch.bytes;
            copiedBelow = batch.next;
            copiedObjects += batch.count;
            progress.accept(copiedObjects);
            if (batch.last) {
                return bytes;
            }
        }
    }

    private Batch copyBatch() {
        Batch[] done = new Batch[1];
        requireTarget().write(2 * BATCH_BYTES, out -> done[0] = copyBatch(out));
        return done[0];
    }

    private Batch copyBatch(WriteView out) {
        Batch batch = new Batch(copiedBelow);
        try (ReadView view = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.OBJECTS)) {
            ByteBuffer start = view.key(copiedBelow);
            boolean there = cursor.get(start, GetOp.MDB_SET_RANGE);
            while (there && batch.bytes < BATCH_BYTES && batch.count < BATCH_OBJECTS) {
                long sequence = cursor.key().getLong(0);
                if (sequence >= horizon || live.contains(sequence)) {
                    batch.bytes += copyValue(out, view, sequence, cursor.val(), PutFlags.MDB_APPEND);
                    batch.count++;
                }
                batch.next = sequence + 1;
                there = cursor.next();
            }
            batch.last = !there;
        }
        return batch;
    }

    /** Copies an object, packed by the newest dictionary if it is shorter so; returns the bytes of it. */
    private int copyValue(WriteView out, ReadView view, long sequence, ByteBuffer value, PutFlags... flags) {
        byte[] packed = repacked(value, view);
        byte[] copied = packed == null ? ReadView.bytes(value) : packed;
        int dictionary = StoredObject.dictionary(ByteBuffer.wrap(copied));
        if (dictionary != 0) {
            copyDictionary(out, view, dictionary);
        }
        out.reserve(ObjectEnvironments.OBJECTS, sequence, copied.length, flags).put(copied);
        return copied.length;
    }

    private byte @Nullable [] repacked(ByteBuffer value, ReadView view) {
        if (packer.number() == 0
                || !StoredObject.isPacked(value)
                || StoredObject.dictionary(value) == packer.number()) {
            return null;
        }
        try {
            byte[] content = ReadView.bytes(StoredObject.content(value, view));
            byte[] packed = StoredObject.packed(StoredObject.kind(value), content, packer);
            return packed == null || packed.length >= value.remaining() ? null : packed;
        } catch (StoreException e) {
            LOG.warn("a damaged object is copied as it is: {}", e.getMessage());
            return null;
        }
    }

    /** As it is, damaged or not: what is packed by it is not to be lost for want of it. */
    private void copyDictionary(WriteView out, ReadView view, int number) {
        if (copiedDictionaries.add(number)) {
            ByteBuffer row = view.get(ObjectEnvironments.DICTIONARIES, (long) number);
            if (row != null) {
                byte[] bytes = ReadView.bytes(row);
                out.reserve(ObjectEnvironments.DICTIONARIES, number, bytes.length)
                        .put(bytes);
            }
        }
    }

    /** So that what is stored from now on has it, though no object that is live may need it. */
    private void copyNewestDictionary() {
        requireTarget().write(BATCH_BYTES, out -> {
            try (ReadView view = stored.readObjects()) {
                int newest = (int) view.lastNumber(ObjectEnvironments.DICTIONARIES);
                if (newest > 0) {
                    copyDictionary(out, view, newest);
                }
            }
        });
    }

    private void copyWrittenAgain() {
        for (ObjectId id : List.copyOf(writtenAgain)) {
            writtenAgain.remove(id);
            IdRow row = stored.find(id);
            if (row != null && row.sequence() < horizon && live.add(row.sequence()) && row.sequence() < copiedBelow) {
                requireTarget().write(row.length() + BATCH_BYTES, out -> {
                    try (ReadView view = stored.readObjects()) {
                        ByteBuffer value = view.get(ObjectEnvironments.OBJECTS, row.sequence());
                        if (value != null) {
                            // A duplicate, since a look at a dictionary ends what the view gave before.
                            copyValue(out, view, row.sequence(), value.duplicate());
                        }
                    }
                });
            }
        }
    }

    /** How far one transaction came. */
    private static final class Batch {
        long next;
        long bytes;
        long count;
        boolean last;

        Batch(long from) {
            next = from;
        }
    }

    /** Takes the ids of objects that were not moved out of the index. May be cut off anywhere and done again. */
    static final class Sweep {
        private static final int PIECE_ROWS = 10_000;

        private final ObjectEnvironments stored;

        Sweep(ObjectEnvironments stored) {
            this.stored = stored;
        }

        void run() {
            byte[] from = new byte[ObjectId.BYTES];
            while (from != null) {
                List<byte[]> dead = new ArrayList<>();
                from = piece(from, dead);
                if (!dead.isEmpty()) {
                    delete(dead);
                }
            }
            stored.swept();
        }

        /** Looks at a piece; returns the id to go on with, or null. */
        private byte @Nullable [] piece(byte[] from, List<byte[]> dead) {
            try (ReadView view = stored.index().read();
                    ReadView objects = stored.readObjects();
                    Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
                boolean there = cursor.get(view.key(from), GetOp.MDB_SET_RANGE);
                for (int i = 0; there && i < PIECE_ROWS; i++) {
                    if (!isThere(cursor.val(), objects)) {
                        dead.add(ReadView.bytes(cursor.key()));
                    }
                    there = cursor.next();
                }
                return there ? ReadView.bytes(cursor.key()) : null;
            }
        }

        private void delete(List<byte[]> dead) {
            stored.index().write((long) dead.size() * ObjectId.BYTES, out -> {
                try (ReadView objects = stored.readObjects()) {
                    for (byte[] id : dead) {
                        // Again: it may have been stored anew meanwhile.
                        ByteBuffer row = out.get(ObjectEnvironments.IDS, id);
                        if (row != null && !isThere(row, objects)) {
                            out.delete(ObjectEnvironments.IDS, id);
                        }
                    }
                }
            });
        }

        private static boolean isThere(ByteBuffer row, ReadView objects) {
            return objects.get(ObjectEnvironments.OBJECTS, IdRow.of(row).sequence()) != null;
        }
    }
}

package dev.dogear.store.lmdb;

import com.google.common.primitives.Longs;
import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.JournaledObjects.PendingObject;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.packing.Dictionary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;

/**
 * Goes over all objects by their numbers and hashes them, then over all ids. In pieces: no read transaction stays open
 * for long, and the folder goes on in between.
 */
final class TablesCheck {
    private static final int PIECE_ROWS = 1_000;
    private static final long PIECE_BYTES = 16 << 20;

    private final Journal journal;
    private final ObjectEnvironments stored;
    private final JournaledObjects objects;
    private final Fold fold;
    private final Consumer<String> problems;
    private final LongConsumer progress;
    private long count;

    TablesCheck(
            Journal journal,
            ObjectEnvironments stored,
            JournaledObjects objects,
            Fold fold,
            Consumer<String> problems,
            LongConsumer progress) {
        this.journal = journal;
        this.stored = stored;
        this.objects = objects;
        this.fold = fold;
        this.problems = problems;
        this.progress = progress;
    }

    long run() {
        // What the index does not cover yet may be in the objects table already; it counts as pending.
        long covered = fold.applied();
        checkPending();
        checkJournal();
        checkDictionaries();
        long next = 0;
        while (next >= 0) {
            next = checkObjects(next, covered);
            progress.accept(count);
        }
        byte[] id = new byte[ObjectId.BYTES];
        while (id != null) {
            id = checkIds(id);
        }
        return count;
    }

    private void checkPending() {
        for (PendingObject object : objects.below(Long.MAX_VALUE)) {
            try {
                ObjectId id = objects.read(object.id, object.kind, content -> ObjectId.of(object.kind, content));
                if (!id.equals(object.id)) {
                    problems.accept("Object " + object.id + " in the journal at " + object.lsn + " is damaged");
                }
            } catch (StoreException e) {
                problems.accept(String.valueOf(e.getMessage()));
            }
            count++;
        }
    }

    private void checkJournal() {
        try {
            journal.verify();
        } catch (StoreException e) {
            problems.accept(String.valueOf(e.getMessage()));
        }
    }

    private void checkDictionaries() {
        for (int number = 1; number > 0; ) {
            number = checkDictionary(number);
        }
    }

    /** Checks that dictionary, or the next there is; returns where to go on, or -1. */
    private int checkDictionary(int number) {
        try (ReadView view = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.DICTIONARIES)) {
            ByteBuffer key = view.key((long) number);
            if (!cursor.get(key, GetOp.MDB_SET_RANGE)) {
                return -1;
            }
            int found = (int) cursor.key().getLong(0);
            Dictionary unused = Dictionary.decode(found, ReadView.bytes(cursor.val()));
            return found + 1;
        } catch (StoreException e) {
            problems.accept(String.valueOf(e.getMessage()));
            return number + 1;
        } catch (LmdbException e) {
            problems.accept("The dictionaries are damaged: " + e.getMessage());
            return -1;
        }
    }

    /** Checks a piece of the objects table; returns the number to go on with, or -1. */
    private long checkObjects(long from, long covered) {
        List<Found> piece = new ArrayList<>();
        long next = -1;
        try (ReadView view = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.OBJECTS)) {
            long bytes = 0;
            ByteBuffer start = view.key(from);
            boolean there = cursor.get(start, GetOp.MDB_SET_RANGE);
            while (there && piece.size() < PIECE_ROWS && bytes < PIECE_BYTES) {
                long sequence = cursor.key().getLong(0);
                bytes += cursor.val().remaining();
                Found found = hash(sequence, cursor.val(), view);
                if (found != null) {
                    piece.add(found);
                }
                next = sequence + 1;
                there = cursor.next();
            }
            if (!there) {
                next = -1;
            }
        } catch (LmdbException e) {
            problems.accept("The objects table is damaged from object " + from + " on: " + e.getMessage());
            return -1;
        }
        compare(piece, covered);
        return next;
    }

    private @Nullable Found hash(long sequence, ByteBuffer value, ReadView view) {
        try {
            ObjectKind kind = StoredObject.kind(value);
            ByteBuffer content = StoredObject.content(value, view);
            return new Found(sequence, kind, content.remaining(), ObjectId.of(kind, content));
        } catch (RuntimeException e) {
            // Damage shows in many ways: ours, zstd's, a buffer too short.
            problems.accept("Object number " + sequence + " cannot be read: " + e.getMessage());
            return null;
        }
    }

    private void compare(List<Found> piece, long covered) {
        for (Found found : piece) {
            if (found.sequence >= covered) {
                continue;
            }
            count++;
            IdRow row;
            try {
                row = stored.find(found.id);
            } catch (StoreException e) {
                continue; // the row itself is damaged: those of ids are looked at next
            }
            if (row == null) {
                problems.accept("Object number " + found.sequence + " is damaged, or missing in ids: its content is "
                        + found.kind + " " + found.id);
            } else if (row.sequence() != found.sequence || row.kind() != found.kind || row.length() != found.length) {
                problems.accept("Object " + found.id + " is number " + found.sequence + ", but ids says " + row);
            }
        }
    }

    /** Checks a piece of the ids table; returns the id to go on with, or null. */
    private byte @Nullable [] checkIds(byte[] from) {
        try (ReadView view = stored.index().read();
                ReadView values = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
            boolean there = cursor.get(view.key(from), GetOp.MDB_SET_RANGE);
            for (int i = 0; there && i < PIECE_ROWS; i++) {
                checkId(ObjectId.read(cursor.key().duplicate()), cursor.val(), values);
                there = cursor.next();
            }
            if (!there) {
                return null;
            }
            byte[] next = new byte[ObjectId.BYTES];
            cursor.key().get(0, next);
            return next;
        } catch (LmdbException e) {
            problems.accept("The ids table is damaged: " + e.getMessage());
            return null;
        }
    }

    private void checkId(ObjectId id, ByteBuffer value, ReadView values) {
        try {
            IdRow row = IdRow.of(value);
            ByteBuffer object = values.get(ObjectEnvironments.OBJECTS, row.sequence());
            if (object == null && stored.isSweeping()) {
                return; // such an id counts for nothing, and is yet to be swept
            }
            if (object == null) {
                problems.accept("Object " + id + " is missing: ids says it is number " + row.sequence());
            } else if (StoredObject.kind(object) != row.kind()
                    || StoredObject.content(object, values).remaining() != row.length()) {
                problems.accept("Object " + id + " is not what ids says: " + row);
            }
        } catch (RuntimeException e) {
            problems.accept("Object " + id + " cannot be read: " + e.getMessage());
        }
    }

    /**
     * Makes the tables agree with what can be read: objects that cannot go, so that the same content can be stored again, and
     * ids are what the objects say. While nobody else uses the tables.
     */
    static final class Mending {
        private final ObjectEnvironments stored;
        private final List<String> done = new ArrayList<>();
        /** Dictionaries whose sum is wrong: what they unpack counts only where the ids say so. */
        private final Set<Integer> doubtful = new HashSet<>();

        private final List<Long> damaged = new ArrayList<>();
        private long rows;

        Mending(ObjectEnvironments stored) {
            this.stored = stored;
        }

        /**
         * Does it, and answers what was done, a sentence each.
         *
         * @throws StoreException if LMDB cannot find its way in its own pages
         */
        List<String> run() {
            try {
                mend();
            } catch (LmdbException e) {
                throw stored.index().failed(e);
            }
            return done;
        }

        private void mend() {
            dictionaries();
            Map<ObjectId, IdRow> missing = new LinkedHashMap<>();
            long next = 0;
            while (next >= 0) {
                next = objects(next, missing);
                if (missing.size() >= PIECE_ROWS || next < 0) {
                    put(missing);
                }
            }
            delete();
            byte[] id = new byte[ObjectId.BYTES];
            while (id != null) {
                id = ids(id);
            }
            if (!damaged.isEmpty()) {
                done.add(damaged.size() + " damaged objects are taken out");
            }
            if (rows > 0) {
                done.add(rows + " rows of ids are made again from the objects, or taken out since they lead to none");
            }
        }

        /** One that is damaged may still unpack most: the objects' hashes tell what. */
        private void dictionaries() {
            Map<Integer, byte[]> found = new LinkedHashMap<>();
            try (ReadView view = stored.readObjects();
                    Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.DICTIONARIES)) {
                for (boolean there = cursor.first(); there; there = cursor.next()) {
                    found.put((int) cursor.key().getLong(0), ReadView.bytes(cursor.val()));
                }
            }
            found.forEach((number, row) -> {
                byte[] accepted = Dictionary.accepted(number, row);
                if (Arrays.equals(accepted, row)) {
                    return;
                }
                stored.objects().write(row.length, out -> {
                    if (accepted == null) {
                        out.delete(ObjectEnvironments.DICTIONARIES, Longs.toByteArray(number));
                    } else {
                        out.reserve(ObjectEnvironments.DICTIONARIES, number, accepted.length)
                                .put(accepted);
                    }
                });
                doubtful.add(number);
                done.add("Dictionary " + number + " is damaged; "
                        + (accepted == null
                                ? "what is packed by it is lost"
                                : "what it still unpacks as it was packed is kept"));
            });
        }

        /** Goes over a piece of the objects; returns the number to go on with, or -1. */
        private long objects(long from, Map<ObjectId, IdRow> missing) {
            try (ReadView view = stored.readObjects();
                    Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.OBJECTS)) {
                boolean there = cursor.get(view.key(Longs.toByteArray(from)), GetOp.MDB_SET_RANGE);
                for (int i = 0; there && i < PIECE_ROWS; i++) {
                    object(cursor.key().getLong(0), cursor.val(), view, missing);
                    there = cursor.next();
                }
                return there ? cursor.key().getLong(0) : -1;
            }
        }

        private void object(long sequence, ByteBuffer value, ReadView view, Map<ObjectId, IdRow> missing) {
            try {
                ObjectKind kind = StoredObject.kind(value);
                int dictionary = StoredObject.dictionary(value);
                ByteBuffer content = StoredObject.content(value, view);
                ObjectId id = ObjectId.of(kind, content);
                IdRow row = new IdRow(sequence, kind, content.remaining());
                boolean known = row.equals(known(id));
                if (!known && doubtful.contains(dictionary)) {
                    damaged.add(sequence);
                } else if (!known) {
                    missing.put(id, row);
                }
            } catch (RuntimeException e) {
                // Damage shows in many ways: ours, zstd's, a buffer too short.
                damaged.add(sequence);
            }
        }

        private @Nullable IdRow known(ObjectId id) {
            try {
                return stored.find(id);
            } catch (StoreException e) {
                return null;
            }
        }

        private void put(Map<ObjectId, IdRow> missing) {
            if (!missing.isEmpty()) {
                stored.index()
                        .write(
                                missing.size() * (long) PendingObject.OVERHEAD_BYTES,
                                out -> missing.forEach(
                                        (id, row) -> out.put(ObjectEnvironments.IDS, id.toBytes(), row.encode())));
                rows += missing.size();
                missing.clear();
            }
        }

        private void delete() {
            if (!damaged.isEmpty()) {
                stored.objects()
                        .write(
                                0,
                                out -> damaged.forEach(sequence ->
                                        out.delete(ObjectEnvironments.OBJECTS, Longs.toByteArray(sequence))));
            }
        }

        /** Goes over a piece of the ids; returns the id to go on with, or null. */
        private byte @Nullable [] ids(byte[] from) {
            List<byte[]> wrong = new ArrayList<>();
            byte[] next = null;
            try (ReadView view = stored.index().read();
                    ReadView values = stored.readObjects();
                    Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
                boolean there = cursor.get(view.key(from), GetOp.MDB_SET_RANGE);
                for (int i = 0; there && i < PIECE_ROWS; i++) {
                    if (!leadsToIt(cursor.key().duplicate(), cursor.val(), values)) {
                        wrong.add(ReadView.bytes(cursor.key()));
                    }
                    there = cursor.next();
                }
                next = there ? ReadView.bytes(cursor.key()) : null;
            }
            if (!wrong.isEmpty()) {
                stored.index().write(0, out -> wrong.forEach(id -> out.delete(ObjectEnvironments.IDS, id)));
                rows += wrong.size();
            }
            return next;
        }

        private static boolean leadsToIt(ByteBuffer key, ByteBuffer value, ReadView values) {
            try {
                IdRow row = IdRow.of(value);
                ByteBuffer object = values.get(ObjectEnvironments.OBJECTS, row.sequence());
                if (object == null || StoredObject.kind(object) != row.kind()) {
                    return false;
                }
                ByteBuffer content = StoredObject.content(object, values);
                return content.remaining() == row.length()
                        && ObjectId.of(row.kind(), content).equals(ObjectId.read(key));
            } catch (RuntimeException e) {
                // As above; a key that is no id, too.
                return false;
            }
        }
    }

    /** What an object turned out to be. */
    private record Found(long sequence, ObjectKind kind, int length, ObjectId id) {}
}

package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.JournaledObjects.PendingObject;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.packing.Dictionary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
    private long count;

    TablesCheck(
            Journal journal,
            ObjectEnvironments stored,
            JournaledObjects objects,
            Fold fold,
            Consumer<String> problems) {
        this.journal = journal;
        this.stored = stored;
        this.objects = objects;
        this.fold = fold;
        this.problems = problems;
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
            ByteBuffer key =
                    view.key(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
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
            ByteBuffer start =
                    view.key(ByteBuffer.allocate(Long.BYTES).putLong(from).array());
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
            IdRow row = stored.find(found.id);
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

    /** What an object turned out to be. */
    private record Found(long sequence, ObjectKind kind, int length, ObjectId id) {}
}

package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a repository: in the journal first, in LMDB later. An object leaves the pending ones only when LMDB has
 * it, and the journal lets go of it only after that, so a reader who misses it in one place finds it in the next.
 */
final class JournaledObjects implements ObjectTable {
    private static final long CACHE_BYTES = 16 << 20;
    private static final int STRIPES = 64;

    private final Journal journal;
    private final ObjectEnvironments stored;
    /** Held while a record is appended and not yet pending; the folder takes the other side of it. */
    private final Lock appending;

    private final ConcurrentHashMap<ObjectId, PendingObject> pending = new ConcurrentHashMap<>();
    private final AtomicLong pendingBytes = new AtomicLong();
    /** One object must not be journaled twice: its number would be ambiguous. */
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    private final Queue<PendingObject> cached = new ConcurrentLinkedQueue<>();
    private final AtomicLong cachedBytes = new AtomicLong();
    private final ScratchBuffers scratch = new ScratchBuffers();
    /** While objects are collected: what was written though LMDB had it, and so has to stay. */
    private volatile @Nullable Set<ObjectId> writtenAgain;

    /** Told after each write, with nothing locked. */
    private volatile Runnable written = () -> {};

    JournaledObjects(Journal journal, ObjectEnvironments stored, Lock appending) {
        this.journal = journal;
        this.stored = stored;
        this.appending = appending;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    void onWritten(Runnable action) {
        written = action;
    }

    @Override
    public ObjectId write(ObjectKind kind, ByteBuffer content) {
        ObjectId id = ObjectId.of(kind, content);
        if (containsForWriter(id)) {
            return id;
        }
        ReentrantLock stripe = stripes[id.hashCode() & STRIPES - 1];
        stripe.lock();
        try {
            if (containsForWriter(id)) {
                return id;
            }
            appending.lock();
            try {
                long lsn = ObjectRecord.append(journal, id, kind, content);
                PendingObject object = new PendingObject(id, kind, content.remaining(), lsn);
                cache(object, content);
                add(object);
            } finally {
                appending.unlock();
            }
        } finally {
            stripe.unlock();
        }
        written.run();
        return id;
    }

    /** Whether it is there; who is told so relies on it, which a collection has to know. */
    private boolean containsForWriter(ObjectId id) {
        if (pending.containsKey(id)) {
            return true;
        }
        // Before the look, so that the collection knows of it or has taken it away already.
        Set<ObjectId> watched = writtenAgain;
        if (watched != null) {
            watched.add(id);
        }
        return stored.find(id) != null;
    }

    /** From now on remembers which objects are written that are in LMDB already. */
    Set<ObjectId> watchWrites() {
        Set<ObjectId> watched = ConcurrentHashMap.newKeySet();
        writtenAgain = watched;
        return watched;
    }

    void unwatchWrites() {
        writtenAgain = null;
    }

    /** Whether it is in the journal and not in LMDB yet. */
    boolean isJournaled(ObjectId id) {
        return pending.containsKey(id);
    }

    /** Takes in what the journal held when it was opened. */
    void recovered(PendingObject object) {
        if (!pending.containsKey(object.id)) {
            add(object);
        }
    }

    private void add(PendingObject object) {
        pending.put(object.id, object);
        pendingBytes.addAndGet(object.length + PendingObject.OVERHEAD_BYTES);
    }

    private void cache(PendingObject object, ByteBuffer content) {
        if (object.length >= StoredObject.PACKED_BELOW_BYTES) {
            return;
        }
        byte[] bytes = new byte[object.length];
        content.get(content.position(), bytes);
        object.cached = bytes;
        cached.add(object);
        if (cachedBytes.addAndGet(bytes.length) > CACHE_BYTES) {
            PendingObject oldest = cached.poll();
            if (oldest != null) {
                cachedBytes.addAndGet(-oldest.length);
                oldest.cached = null;
            }
        }
    }

    @Override
    public boolean contains(ObjectId id) {
        return pending.containsKey(id) || stored.find(id) != null;
    }

    @Override
    public <R> R read(ObjectId id, ObjectKind kind, View<R> view) {
        while (true) {
            PendingObject object = pending.get(id);
            if (object == null) {
                return readStored(id, kind, view);
            }
            requireKind(id, kind, object.kind);
            byte[] bytes = object.cached;
            if (bytes != null) {
                return view.see(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            }
            ByteBuffer buffer = scratch.take(object.length);
            try {
                if (readJournal(object, buffer)) {
                    return view.see(buffer.flip().asReadOnlyBuffer());
                }
            } finally {
                scratch.give(buffer);
            }
        }
    }

    /** Fills the buffer with the object's content; false if it was folded and recycled meanwhile. */
    private boolean readJournal(PendingObject object, ByteBuffer target) {
        try {
            journal.read(ObjectRecord.content(object.lsn), target);
            return true;
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.STALE && pending.get(object.id) != object) {
                return false;
            }
            throw e;
        }
    }

    private <R> R readStored(ObjectId id, ObjectKind kind, View<R> view) {
        IdRow row = stored.find(id);
        if (row == null) {
            throw Errors.corrupt("Object " + id + " is missing");
        }
        requireKind(id, kind, row.kind());
        try (ReadView objects = stored.readObjects()) {
            ByteBuffer value = objects.get(ObjectEnvironments.OBJECTS, row.sequence());
            if (value == null || StoredObject.kind(value) != kind) {
                throw Errors.corrupt("Object " + id + " is not where the index says");
            }
            ByteBuffer content = content(id, value, objects);
            if (content.remaining() != row.length()) {
                throw Errors.corrupt(
                        "Object " + id + " has " + content.remaining() + " bytes instead of " + row.length());
            }
            return view.see(content);
        }
    }

    private static ByteBuffer content(ObjectId id, ByteBuffer value, ReadView objects) {
        try {
            return StoredObject.content(value, objects);
        } catch (StoreException e) {
            throw new StoreException(e.kind(), "Object " + id + ": " + e.getMessage(), e);
        }
    }

    private static void requireKind(ObjectId id, ObjectKind wanted, ObjectKind found) {
        if (wanted != found) {
            throw Errors.corrupt("Object " + id + " is a " + found + " where a " + wanted + " was expected");
        }
    }

    /** Content and what it costs in memory, of what LMDB does not have. */
    long pendingBytes() {
        return pendingBytes.get();
    }

    /** The pending objects below {@code horizon} in the order of their numbers. */
    List<PendingObject> below(long horizon) {
        List<PendingObject> found = new ArrayList<>();
        for (PendingObject object : pending.values()) {
            if (object.lsn < horizon) {
                found.add(object);
            }
        }
        found.sort(Comparator.comparingLong(object -> object.lsn));
        return found;
    }

    /** Copies a pending object's content to the target; only for the folder, who alone lets it go. */
    void copy(PendingObject object, ByteBuffer target) {
        byte[] bytes = object.cached;
        if (bytes != null) {
            target.put(bytes);
        } else {
            journal.read(ObjectRecord.content(object.lsn), target);
        }
    }

    /** Forgets what LMDB has now. */
    void drop(List<PendingObject> folded) {
        for (PendingObject object : folded) {
            pending.remove(object.id, object);
            pendingBytes.addAndGet(-object.length - PendingObject.OVERHEAD_BYTES);
        }
    }

    /** An object that is in the journal and not in LMDB yet. Small ones written lately have their content here too. */
    static final class PendingObject {
        /** What one costs in memory beside its content, about. */
        static final int OVERHEAD_BYTES = 200;

        final ObjectId id;
        final ObjectKind kind;
        final int length;
        final long lsn;
        volatile byte @Nullable [] cached;

        PendingObject(ObjectId id, ObjectKind kind, int length, long lsn) {
            this.id = id;
            this.kind = kind;
            this.length = length;
            this.lsn = lsn;
        }
    }

    /**
     * The journal record of an object: id 32 bytes, kind u8, 15 of zero, then the content. Its LSN is the object's sequence
     * number: unique, ascending and fixed, with gaps.
     */
    static final class ObjectRecord {
        static final int KIND = 1;
        private static final int HEADER_BYTES = ObjectId.BYTES + 16;

        private ObjectRecord() {}

        static long append(Journal journal, ObjectId id, ObjectKind kind, ByteBuffer content) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            id.write(header);
            header.put(kind.code()).rewind();
            return journal.append(KIND, header, content.duplicate());
        }

        /** Where the content of the record at {@code lsn} begins. */
        static long content(long lsn) {
            return Journal.payload(lsn) + HEADER_BYTES;
        }

        static PendingObject decode(long lsn, ByteBuffer payload) {
            ByteBuffer rest = payload.duplicate();
            ObjectId id = ObjectId.read(rest);
            ObjectKind kind = ObjectKind.ofCode(rest.get());
            return new PendingObject(id, kind, payload.remaining() - HEADER_BYTES, lsn);
        }
    }

    /** A few direct buffers to read into, so that a reader need not allocate one. */
    private static final class ScratchBuffers {
        private static final int KEPT = 8;
        private static final int MIN_BYTES = 64 << 10;
        private static final int MAX_BYTES = 1 << 20;

        private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

        ByteBuffer take(int length) {
            ByteBuffer buffer = idle.poll();
            if (buffer == null || buffer.capacity() < length) {
                buffer = ByteBuffer.allocateDirect(Math.max(MIN_BYTES, length));
            }
            return buffer.clear().limit(length);
        }

        void give(ByteBuffer buffer) {
            if (buffer.capacity() <= MAX_BYTES && idle.size() < KEPT) {
                idle.push(buffer);
            }
        }
    }
}

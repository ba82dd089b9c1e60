package dev.dogear.store.lmdb;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.journal.JournalRepair;
import dev.dogear.store.lmdb.JournaledObjects.ObjectRecord;
import dev.dogear.store.lmdb.PendingRows.Version;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything one repository keeps: its objects and rows. Objects and rows are journaled first and visible at once; the
 * folder moves them into LMDB later, in order, and remembers how far it came.
 */
public final class Tables implements AutoCloseable {
    /** Journal record kinds from this one up belong to the packages above; those below are objects, rows and padding. */
    public static final int FIRST_FOREIGN_KIND = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Tables.class);
    private static final int OBJECTS_AT_ONCE = 1_000;
    private static final String JOURNAL = "journal";

    private final Path directory;
    private final ObjectEnvironments stored;
    private final Journal journal;
    private final PendingRows rows = new PendingRows();
    private final JournaledObjects objects;
    private final Fold fold;
    private final FoldSchedule schedule;
    /** Whoever appends shares it until what he appended is pending. Taken before {@link #publishing}. */
    private final ReentrantReadWriteLock appending = new ReentrantReadWriteLock();
    /** Rows come into sight in the order of the journal. */
    private final ReentrantLock publishing = new ReentrantLock();

    /** Whoever goes over all objects has it. The outermost lock. */
    private final ReentrantLock care = new ReentrantLock();

    private final Awake awake;

    private boolean closed;

    private Tables(Path directory, ObjectEnvironments stored, Journal journal, Flusher flusher, Awake awake) {
        this.directory = directory;
        this.stored = stored;
        this.journal = journal;
        this.objects = new JournaledObjects(journal, stored, appending.readLock());
        this.fold = new Fold(directory, journal, objects, rows, stored, appending.writeLock());
        this.schedule = new FoldSchedule(fold, objects, flusher.background());
        objects.onWritten(schedule::grown);
        this.awake = awake;
        stored.onWoken(() -> awake.woke(this));
        journal.onWoken(() -> awake.woke(this));
    }

    /** Makes the environments of a new, empty repository, holding {@code rows}, in one durable step. */
    public static void create(Path directory, byte[] repository, List<Row> rows) {
        rows.forEach(Tables::requireForeign);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw Errors.of("Making the repository", directory, e);
        }
        ObjectEnvironments.create(directory, view -> {
            for (Row row : rows) {
                byte[] value = row.value();
                if (value != null) {
                    view.put(ObjectEnvironments.number(row.table()), row.key(), value);
                }
            }
            Meta.putFormat(view);
            Meta.putApplied(view, 0);
        });
        syncDirectory(directory);
        syncDirectory(directory.resolve(".."));
    }

    /**
     * Opens a repository: reads its journal and holds what LMDB does not have yet in memory.
     *
     * @throws StoreException CORRUPT if files are missing, cut short or damaged; NEWER_FORMAT
     */
    public static Tables open(Path directory, byte[] repository, Flusher flusher) {
        return open(directory, repository, flusher, new Awake(Integer.MAX_VALUE));
    }

    /** The same; {@code awake} bounds how many have their files open at a time. */
    public static Tables open(Path directory, byte[] repository, Flusher flusher, Awake awake) {
        ObjectEnvironments stored = ObjectEnvironments.open(directory);
        Journal journal = null;
        try {
            long applied;
            try (ReadView view = stored.index().read()) {
                applied = Meta.applied(view);
            }
            journal = Journal.open(directory.resolve(JOURNAL), repository, flusher);
            if (journal.tail() < applied || journal.head() > applied) {
                throw Errors.corrupt("The journal in " + directory + " goes from " + journal.head() + " to "
                        + journal.tail() + ", but the tables end at " + applied
                        + ". A part of it is missing; restore the folder from a backup");
            }
            Tables tables = new Tables(directory, stored, journal, flusher, awake);
            tables.recover(applied);
            awake.woke(tables);
            return tables;
        } catch (RuntimeException e) {
            if (journal != null) {
                journal.close();
            }
            stored.close();
            throw e;
        }
    }

    private void recover(long applied) {
        fold.startAt(applied);
        journal.replay(applied, (lsn, kind, payload) -> {
            switch (kind) {
                case ObjectRecord.KIND -> objects.recovered(ObjectRecord.decode(lsn, payload));
                case Row.RECORD_KIND -> rows.add(lsn, Row.decode(payload));
                default -> {
                    if (kind < FIRST_FOREIGN_KIND) {
                        throw new StoreException(
                                StoreException.Kind.NEWER_FORMAT,
                                "The journal in " + directory + " has a record of unknown kind " + kind
                                        + "; use a newer Dogear");
                    }
                }
            }
        });
        if (!rows.isEmpty() || objects.pendingBytes() > 0) {
            schedule.grown();
        }
    }

    /** The objects. */
    public ObjectTable objects() {
        return objects;
    }

    /** The journal, for records of kind {@link #FIRST_FOREIGN_KIND} and above. */
    public Journal journal() {
        return journal;
    }

    /** A row's value, newest first of journal and LMDB, or null. Not to be written to. */
    public byte @Nullable [] get(Table table, byte[] key) {
        long limit = rows.published();
        Version newest = rows.table(table).get(key);
        Version version = newest == null ? null : newest.at(limit);
        if (version != null) {
            return version.value();
        }
        try (ReadView view = stored.index().read()) {
            ByteBuffer value = view.get(ObjectEnvironments.number(table), key);
            return value == null ? null : ReadView.bytes(value);
        }
    }

    /** Objects that are in the journal and not in the tables yet, in bytes. */
    public long pendingBytes() {
        return objects.pendingBytes();
    }

    /** Read transactions under way. */
    public int readers() {
        return stored.readers();
    }

    /** How old the oldest of them is; 0 if there is none. What it sees cannot be reused by LMDB. */
    public double oldestReaderSeconds() {
        return stored.oldestReaderNanos() / 1e9;
    }

    /**
     * Shows rows with a key at or after {@code from} in key order (at or before it, descending, if {@code backwards})
     * until the visitor says false. All rows are of one moment. The visitor runs inside a read transaction: it must be
     * quick, and must not fold or close these tables.
     */
    public void scan(Table table, byte[] from, boolean backwards, RowVisitor visitor) {
        while (!tryScan(table, from, backwards, visitor)) {
            // The folder came between the two places to look at; the next try sees both after it.
            Thread.onSpinWait();
        }
    }

    /** The same of the rows whose key begins with that, in key order. */
    public void scanPrefix(Table table, byte[] prefix, RowVisitor visitor) {
        scan(table, prefix, false, (key, value) -> Row.startsWith(key, prefix) && visitor.row(key, value));
    }

    private boolean tryScan(Table table, byte[] from, boolean backwards, RowVisitor visitor) {
        ConcurrentSkipListMap<byte[], Version> pending = rows.table(table);
        try (ReadView view = stored.index().read()) {
            long limit = rows.published();
            if (!rows.isCurrent(table, pending)) {
                return false;
            }
            try (Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.number(table))) {
                RowScan.Start start = new RowScan.Start(from, view.key(from), backwards);
                RowScan.run(entries(pending, from, backwards), cursor, start, limit, visitor);
            } catch (LmdbException e) {
                throw stored.index().failed(e);
            }
            return true;
        }
    }

    private static Iterator<Map.Entry<byte[], Version>> entries(
            ConcurrentSkipListMap<byte[], Version> rows, byte[] from, boolean backwards) {
        Map<byte[], Version> part = backwards ? rows.headMap(from, true).descendingMap() : rows.tailMap(from, true);
        return part.entrySet().iterator();
    }

    /**
     * Changes rows together: one journal record, visible at once to readers of this process when this returns, all or
     * nothing after a crash. Every object written before by the same thread precedes it in the journal.
     *
     * @return completes when the change and all before it survive a power cut
     */
    public CompletableFuture<Void> publish(List<Row> changed) {
        changed.forEach(Tables::requireForeign);
        ByteBuffer record = Row.encode(changed);
        appending.readLock().lock();
        try {
            publishing.lock();
            try {
                rows.add(journal.append(Row.RECORD_KIND, record), changed);
            } finally {
                publishing.unlock();
            }
        } finally {
            appending.readLock().unlock();
        }
        CompletableFuture<Void> flushed = journal.flushed();
        schedule.grown();
        return flushed;
    }

    private static void requireForeign(Row row) {
        if (row.key().length == 0 || row.key().length > ReadView.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key has 1 to 511 bytes, not " + row.key().length);
        }
        if (row.table() == Table.META && Meta.isOwn(row.key())) {
            throw new IllegalArgumentException("keys that begin with dogear. are taken");
        }
    }

    /**
     * Says whom to ask for the least LSN the packages above still need, {@code Long.MAX_VALUE} for nothing. Until this is
     * called the journal is kept whole. The supplier is asked with a lock of the folder held: it must not wait.
     */
    public void keepFrom(LongSupplier supplier) {
        schedule.keepFrom(supplier);
    }

    /**
     * Moves what is journaled into LMDB now (otherwise a thread of its own does so in time) and recycles the journal
     * below {@code keepFrom}, the least LSN the packages above still need.
     */
    public void fold(long keepFrom) {
        fold.all(() -> keepFrom);
    }

    /** The LSN below which LMDB has all objects and rows. */
    public long applied() {
        return fold.applied();
    }

    /**
     * Checks every object and every row of ids against each other, hashes included, and every journal record, while
     * others go on.
     *
     * @param problems gets a sentence for each thing that is wrong
     * @param progress told how many objects were looked at so far
     * @return the number of objects looked at
     */
    public long verify(Consumer<String> problems, LongConsumer progress) {
        return new TablesCheck(journal, stored, objects, fold, problems, progress).run();
    }

    /**
     * Repairs what a damaged repository has in that folder, which nobody has open, in place: to be given a copy. What cannot be
     * read is left out.
     *
     * @return what was done, a sentence each
     * @throws StoreException CORRUPT if the tables do not open: what is in them cannot be made from anything else
     */
    public static List<String> repair(Path directory, byte[] repository, Flusher flusher) {
        long applied;
        List<String> done = new ArrayList<>();
        try (ObjectEnvironments stored = ObjectEnvironments.open(directory);
                ReadView view = stored.index().read()) {
            applied = Meta.applied(view);
        }
        done.addAll(JournalRepair.run(directory.resolve(JOURNAL), repository, applied));
        Tables tables = open(directory, repository, flusher);
        try {
            done.addAll(tables.fold.alone(() -> new TablesCheck.Mending(tables.stored).run()));
        } finally {
            tables.close();
        }
        return done;
    }

    /**
     * Begins to move what is live into a new environment. While this returns, and while {@link Relocation#finish} runs,
     * nobody may be between storing objects and publishing what refers to them. One at a time.
     */
    public Relocation relocate() {
        if (stored.isSweeping()) {
            throw new IllegalStateException("the ids are to be swept first");
        }
        return new Relocation(directory, stored, objects, fold);
    }

    /** Begins to write all anew but for what is not marked: see {@link Rewrite}. One at a time, and no collection beside it. */
    public Rewrite rewrite() {
        return new Rewrite(directory, stored, objects, fold);
    }

    /** Erases what a {@link Rewrite} left out from the journal, if there is any; false if a workspace needs it still. */
    public boolean erase() {
        long below = stored.eraseBelow();
        if (below > 0) {
            sweep();
            if (schedule.keepFrom().getAsLong() < below || fold.applied() < below) {
                return false;
            }
            journal.erase(below);
            stored.index().write(0, Meta::erased);
        }
        Rewrite.endMark(directory);
        return true;
    }

    /** Where all of this is. */
    public Path directory() {
        return directory;
    }

    /**
     * Shows the objects that LMDB has, unpacked, in the order of their numbers from {@code from} on, in pieces between which
     * others go on.
     *
     * @return how many were shown
     */
    public long objects(long from, ObjectVisitor visitor) {
        long count = 0;
        long next = from;
        while (true) {
            try (ReadView view = stored.readObjects();
                    Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.OBJECTS)) {
                boolean there = cursor.get(view.key(next), GetOp.MDB_SET_RANGE);
                for (int i = 0; there && i < OBJECTS_AT_ONCE; i++) {
                    long sequence = cursor.key().getLong(0);
                    ObjectKind kind = StoredObject.kind(cursor.val());
                    if (!visitor.object(sequence, kind, StoredObject.content(cursor.val(), view))) {
                        return count;
                    }
                    count++;
                    there = cursor.next();
                }
                if (!there) {
                    return count;
                }
                next = cursor.key().getLong(0);
            }
        }
    }

    /** Receives objects. */
    @FunctionalInterface
    public interface ObjectVisitor {
        /**
         * One object.
         *
         * @param content valid during this call
         * @return whether to go on
         */
        boolean object(long sequence, ObjectKind kind, ByteBuffer content);
    }

    /** Runs work that looks at all objects, or takes some away, while no other such work runs. */
    public <T> T undisturbed(Supplier<T> work) {
        care.lock();
        try {
            return work.get();
        } finally {
            care.unlock();
        }
    }

    /** Whether {@link #sweep} has something to do: after a relocation, or where one was cut off. */
    public boolean isToBeSwept() {
        return stored.isSweeping();
    }

    /** Takes the ids of objects that are no more out of the index, in small transactions, while others go on. */
    public void sweep() {
        if (stored.isSweeping()) {
            new Relocation.Sweep(stored).run();
        }
    }

    /** Bytes of stored objects and of those to be stored. */
    public long contentBytes() {
        return stored.objects().sizeBytes() + objects.pendingBytes();
    }

    /** What is stored, in bytes. */
    public Sizes sizes() {
        return new Sizes(
                stored.objects().sizeBytes(),
                stored.index().sizeBytes(),
                journal.tail() - journal.head(),
                journal.tail() - fold.applied());
    }

    /** Whether the disk is nearly full. */
    public boolean roomIsShort() {
        return fold.roomIsShort();
    }

    /** How objects are packed; a look at each of them, in pieces. */
    public Packing packing() {
        return stored.packing();
    }

    /** Closes the files until somebody asks again; answers whether it could. */
    boolean rest() {
        boolean storedRests = stored.rest();
        return journal.rest() && storedRests;
    }

    long usedNanos() {
        return stored.usedNanos();
    }

    /** Folds what is pending, recycles the journal below what {@link #keepFrom(LongSupplier)} says, and closes. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        schedule.close();
        try {
            fold.all(schedule.keepFrom());
        } catch (StoreException e) {
            LOG.error("the last fold of {} failed; the journal has it: {}", directory, e.getMessage(), e);
        }
        journal.close();
        stored.close();
        awake.closed(this);
    }

    static void syncDirectory(Path directory) {
        try {
            DiskErrors.sync(directory);
        } catch (IOException e) {
            throw Errors.of("Making the repository", directory, e);
        }
    }

    /**
     * How the objects that LMDB has are packed.
     *
     * @param dictionaries how many
     * @param dictionaryBytes of them
     * @param contentBytes of all objects, unpacked
     * @param smallBytes the part of it in objects short enough to be packed
     * @param smallStoredBytes what these take packed
     */
    public record Packing(
            int dictionaries, long dictionaryBytes, long contentBytes, long smallBytes, long smallStoredBytes) {}

    /**
     * What a repository takes of the disk.
     *
     * @param objectsBytes of the environment of objects
     * @param indexBytes of the environment of rows
     * @param journalBytes that the journal spans
     * @param unfoldedBytes the part of it that LMDB does not cover yet
     */
    public record Sizes(long objectsBytes, long indexBytes, long journalBytes, long unfoldedBytes) {}

    /** Receives rows of a scan. */
    @FunctionalInterface
    public interface RowVisitor {
        /** @return whether to go on */
        boolean row(byte[] key, byte[] value);
    }

    /**
     * The tables of a process whose files are open: so many at most, as far as they are not in use all at once. Who needs
     * others sends those to rest that were not used for longest; they wake by themselves when asked, so nobody above notices.
     */
    public static final class Awake {
        private final int most;
        private final Set<Tables> awake = new HashSet<>();

        public Awake(int most) {
            this.most = most;
        }

        /** Those tables opened their files. Waits for none of the others. */
        synchronized void woke(Tables tables) {
            awake.add(tables);
            if (awake.size() <= most) {
                return;
            }
            List<Tables> oldestFirst = new ArrayList<>(awake);
            long now = System.nanoTime();
            oldestFirst.sort(Comparator.comparingLong((Tables each) -> now - each.usedNanos())
                    .reversed());
            for (Tables each : oldestFirst) {
                if (awake.size() <= most) {
                    return;
                }
                if (each != tables && each.rest()) {
                    awake.remove(each);
                }
            }
        }

        /** Those tables are no more. */
        synchronized void closed(Tables tables) {
            awake.remove(tables);
        }
    }
}

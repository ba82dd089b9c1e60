package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.packing.Dictionaries;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One LMDB environment with a fixed list of tables, told apart by their place in it. Reading leases a pooled read
 * transaction; the map grows by opening the environment again while nobody reads.
 */
final class Environment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Environment.class);
    private static final int MODE = 0600;
    private static final int MAX_TABLES = 16;
    private static final long GROWTH = 4;
    /** Room a transaction needs beside its values: branch pages, the free list, and what is kept for deletes. */
    private static final long HEADROOM_BYTES = 64L << 20;

    private static final int PAGE_BYTES = 4096;
    /** How much longer than its content the file is kept while open; a hole, so it costs nothing. */
    private static final long SLACK_BYTES = 256 << 10;

    private static final int POOLED_READERS = 32;
    private static final long READER_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path directory;
    private final List<String> tables;
    /** Readers and the writer share it; who opens the environment again or closes it has it alone. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

    private final ReentrantLock writer = new ReentrantLock();
    private final ConcurrentLinkedDeque<ReadView> idle = new ConcurrentLinkedDeque<>();
    /** The views that are out. */
    private final Set<ReadView> leased = ConcurrentHashMap.newKeySet();

    private long mapBytes;
    private Env<ByteBuffer> env;
    private List<Dbi<ByteBuffer>> handles;
    /** A failed commit may leave LMDB refusing every further transaction. */
    private boolean broken;
    /** Closed until somebody asks; changes with the gate closed. */
    private boolean resting;
    /** Closed for good, since another took its place; changes with the gate closed. */
    private boolean retired;

    private volatile long usedNanos = System.nanoTime();
    /** Those that readers of its objects need. */
    private volatile Dictionaries dictionaries = new Dictionaries();

    private volatile Runnable woken = () -> {};

    private Environment(Path directory, List<String> tables, long mapBytes) {
        this.directory = directory;
        this.tables = tables;
        this.mapBytes = mapBytes;
        this.env = openEnv(directory, mapBytes, EnvFlags.MDB_NOTLS);
        try {
            this.handles = openTables(env, tables, view -> {});
        } catch (RuntimeException e) {
            env.close();
            throw e;
        }
    }

    /** Makes the environment and its tables, and fills it, in one transaction. The caller syncs the directory's name. */
    static void create(Path directory, List<String> tables, long mapBytes, Consumer<WriteView> fill) {
        try {
            Files.createDirectories(directory);
            // Nobody relies on it before this returns, so one sync at the end does for data and meta page.
            try (Env<ByteBuffer> env = openEnv(directory, mapBytes, EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC)) {
                openTables(env, tables, fill, DbiFlags.MDB_CREATE);
                DataFile.extend(directory, (env.info().lastPageNumber + 1) * PAGE_BYTES);
                env.sync(true);
            }
            DiskErrors.sync(directory);
        } catch (LmdbException e) {
            throw Errors.of("Making the tables", directory, e);
        } catch (IOException e) {
            throw Errors.of("Making the tables", directory, e);
        }
    }

    /** @throws StoreException CORRUPT if its file is missing, cut short or not readable */
    static Environment open(Path directory, List<String> tables, long mapBytes) {
        DataFile.requireWhole(directory);
        try {
            Environment environment = new Environment(directory, tables, mapFor(directory, mapBytes));
            environment.env.readerCheck();
            return environment;
        } catch (LmdbException e) {
            throw Errors.of("Opening the tables", directory, e);
        } catch (IOException e) {
            throw Errors.of("Opening the tables", directory, e);
        }
    }

    /** Makes tables that an environment of an older format has not, in one durable step; before it is opened. */
    static void addTables(Path directory, List<String> tables, long mapBytes) {
        DataFile.requireWhole(directory);
        try (Env<ByteBuffer> env = openEnv(directory, mapFor(directory, mapBytes), EnvFlags.MDB_NOTLS)) {
            openTables(env, tables, view -> {}, DbiFlags.MDB_CREATE);
            DataFile.extend(directory, (env.info().lastPageNumber + 1) * PAGE_BYTES);
        } catch (LmdbException e) {
            throw Errors.of("Upgrading the tables", directory, e);
        } catch (IOException e) {
            throw Errors.of("Upgrading the tables", directory, e);
        }
    }

    private static long mapFor(Path directory, long mapBytes) throws IOException {
        long needed = DataFile.size(directory) + 2 * HEADROOM_BYTES;
        long map = mapBytes;
        while (map < needed) {
            map *= GROWTH;
        }
        return map;
    }

    /** Shares dictionaries with another environment of the same repository. */
    void use(Dictionaries shared) {
        dictionaries = shared;
    }

    Dictionaries dictionaries() {
        return dictionaries;
    }

    /** Told each time the files were opened again, with no lock held. */
    void onWoken(Runnable action) {
        woken = action;
    }

    /** When it was used last, as {@link System#nanoTime} has it. */
    long usedNanos() {
        return usedNanos;
    }

    /**
     * Closes the files until somebody asks again. Waits for nobody.
     *
     * @return whether they are closed; not so while somebody reads or writes
     */
    boolean rest() {
        if (!writer.tryLock()) {
            return false;
        }
        try {
            if (!gate.writeLock().tryLock()) {
                return false;
            }
            try {
                if (!env.isClosed()) {
                    endIdle();
                    env.close();
                    resting = true;
                }
                return true;
            } finally {
                gate.writeLock().unlock();
            }
        } finally {
            writer.unlock();
        }
    }

    /** Shares the gate, with the files open. */
    private void enter() {
        usedNanos = System.nanoTime();
        gate.readLock().lock();
        while (resting) {
            gate.readLock().unlock();
            wake();
            gate.readLock().lock();
        }
    }

    private void wake() {
        gate.writeLock().lock();
        try {
            if (!resting) {
                return;
            }
            DataFile.requireWhole(directory);
            env = openEnv(directory, mapBytes, EnvFlags.MDB_NOTLS);
            handles = openTables(env, tables, view -> {});
            resting = false;
        } catch (LmdbException e) {
            throw failed(e);
        } finally {
            gate.writeLock().unlock();
        }
        woken.run();
    }

    /** A view of everything committed before this call. To be closed by the same thread, soon. */
    ReadView read() {
        ReadView view = readUnlessRetired();
        if (view == null) {
            throw new IllegalStateException("the tables in " + directory + " were replaced");
        }
        return view;
    }

    /** The same; null once {@link #retire} was called. */
    @Nullable
    ReadView readUnlessRetired() {
        enter();
        if (retired) {
            gate.readLock().unlock();
            return null;
        }
        try {
            requireOpen();
            ReadView view = idle.poll();
            if (view == null) {
                view = new ReadView(this, newReader(), handles);
            } else {
                view.renew();
            }
            view.leasedAt = System.nanoTime();
            leased.add(view);
            return view;
        } catch (LmdbException e) {
            gate.readLock().unlock();
            throw Errors.of("Reading the tables", directory, e);
        } catch (RuntimeException e) {
            gate.readLock().unlock();
            throw e;
        }
    }

    int readers() {
        return leased.size();
    }

    /** How long the oldest view is out, 0 if none is. */
    long oldestReaderNanos() {
        long now = System.nanoTime();
        long oldest = 0;
        for (ReadView view : leased) {
            oldest = Math.max(oldest, now - view.leasedAt);
        }
        return oldest;
    }

    /** Takes a view back. */
    void release(ReadView view) {
        leased.remove(view);
        try {
            if (idle.size() < POOLED_READERS) {
                view.reset();
                idle.push(view);
            } else {
                view.end();
            }
        } finally {
            gate.readLock().unlock();
        }
    }

    StoreException failed(LmdbException e) {
        return Errors.of("Reading the tables", directory, e);
    }

    /**
     * Runs {@code work} in one durable transaction, again from the start if the map had to grow.
     *
     * @param bytes about as much as it writes
     */
    void write(long bytes, Consumer<WriteView> work) {
        writer.lock();
        try {
            // Whoever holds the writer's lock keeps it awake.
            enter();
            gate.readLock().unlock();
            if (broken) {
                reopen(mapBytes);
                broken = false;
            }
            while (usedBytes() + 2 * bytes + Math.min(HEADROOM_BYTES, mapBytes / 8) > mapBytes) {
                reopen(mapBytes * GROWTH);
            }
            while (!tryWrite(bytes, work)) {
                reopen(mapBytes * GROWTH);
            }
        } catch (LmdbException e) {
            broken = true;
            throw Errors.of("Writing the tables", directory, e);
        } finally {
            writer.unlock();
        }
    }

    /** Answers false if the map is too small. */
    private boolean tryWrite(long bytes, Consumer<WriteView> work) {
        enter();
        try {
            requireOpen();
            extend(usedBytes() + 2 * bytes + SLACK_BYTES);
            try (Txn<ByteBuffer> txn = env.txnWrite()) {
                work.accept(new WriteView(txn, handles));
                txn.commit();
            }
            extend(usedBytes());
            return true;
        } catch (Env.MapFullException e) {
            return false;
        } finally {
            gate.readLock().unlock();
        }
    }

    /** Keeps the file as long as {@link DataFile#requireWhole} wants it, at the moment of a crash too. */
    private void extend(long bytes) {
        try {
            DataFile.extend(directory, bytes);
        } catch (IOException e) {
            LOG.warn("could not extend the table file in {}", directory, e);
        }
    }

    /** Bytes of the data file that are in use. */
    private long usedBytes() {
        return (env.info().lastPageNumber + 1) * PAGE_BYTES;
    }

    private void reopen(long bytes) {
        gate.writeLock().lock();
        try {
            requireOpen();
            endIdle();
            env.close();
            env = openEnv(directory, bytes, EnvFlags.MDB_NOTLS);
            handles = openTables(env, tables, view -> {});
            mapBytes = bytes;
            LOG.info("tables in {} opened again with a map of {} bytes", directory, bytes);
        } finally {
            gate.writeLock().unlock();
        }
    }

    private void requireOpen() {
        if (env.isClosed()) {
            throw new IllegalStateException("the tables in " + directory + " are closed");
        }
    }

    /** More threads than LMDB has places for readers take turns. */
    private Txn<ByteBuffer> newReader() {
        long start = System.nanoTime();
        while (true) {
            try {
                return env.txnRead();
            } catch (Env.ReadersFullException e) {
                if (System.nanoTime() - start > READER_WAIT_NANOS) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    private void endIdle() {
        for (ReadView view = idle.poll(); view != null; view = idle.poll()) {
            view.end();
        }
    }

    /**
     * Puts the file of another environment, which nobody has open, in the place of its own: one rename, durable when this
     * returns. Waits for readers and the writer.
     */
    void become(Path other) {
        writer.lock();
        gate.writeLock().lock();
        try {
            if (!env.isClosed()) {
                endIdle();
                env.close();
            }
            try {
                DataFile.replace(directory, other);
            } finally {
                mapBytes = mapFor(directory, mapBytes);
                env = openEnv(directory, mapBytes, EnvFlags.MDB_NOTLS);
                handles = openTables(env, tables, view -> {});
                resting = false;
                broken = false;
            }
        } catch (IOException e) {
            throw Errors.of("Replacing the tables", directory, e);
        } finally {
            gate.writeLock().unlock();
            writer.unlock();
        }
        delete(other);
    }

    /** Waits for its readers, closes it and deletes its files. */
    void retire() {
        gate.writeLock().lock();
        try {
            retired = true;
            resting = false;
            if (!env.isClosed()) {
                endIdle();
                env.close();
            }
        } finally {
            gate.writeLock().unlock();
        }
        delete(directory);
    }

    /** Deletes the files of an environment nobody has open. */
    static void delete(Path directory) {
        try {
            if (Files.exists(directory)) {
                MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
            }
        } catch (IOException e) {
            throw Errors.of("Deleting tables nobody needs", directory, e);
        }
    }

    /** Bytes of the data file in use, as far as a reader may ask. */
    long sizeBytes() {
        enter();
        try {
            return retired ? 0 : usedBytes();
        } finally {
            gate.readLock().unlock();
        }
    }

    /** Waits for readers and the writer. */
    @Override
    public void close() {
        gate.writeLock().lock();
        try {
            resting = false;
            if (!env.isClosed()) {
                endIdle();
                long used = usedBytes();
                env.close();
                DataFile.trim(directory, used);
            }
        } catch (IOException e) {
            LOG.warn("could not trim the table file in {}", directory, e);
        } finally {
            gate.writeLock().unlock();
        }
    }

    private static Env<ByteBuffer> openEnv(Path directory, long mapBytes, EnvFlags... flags) {
        return Env.create().setMapSize(mapBytes).setMaxDbs(MAX_TABLES).open(directory.toFile(), MODE, flags);
    }

    private static List<Dbi<ByteBuffer>> openTables(
            Env<ByteBuffer> env, List<String> tables, Consumer<WriteView> fill, DbiFlags... flags) {
        List<Dbi<ByteBuffer>> handles = new ArrayList<>();
        // Handles are for all only when the transaction they were opened in is committed.
        try (Txn<ByteBuffer> txn = env.txnWrite()) {
            for (String table : tables) {
                handles.add(env.openDbi(txn, table.getBytes(UTF_8), null, false, flags));
            }
            fill.accept(new WriteView(txn, handles));
            txn.commit();
        }
        return handles;
    }
}

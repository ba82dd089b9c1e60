package dev.dogear.store.lmdb;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.packing.Dictionaries;
import dev.dogear.store.packing.Dictionary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two LMDB environments of a repository, and the numbers of their tables. The one of objects can be replaced by another
 * that has the live ones only, under the same numbers; a row of the index says which counts.
 */
final class ObjectEnvironments implements AutoCloseable {
    /** In the objects environment: sequence to {@link StoredObject}. */
    static final int OBJECTS = 0;
    /** In the objects environment: number to {@link Dictionary}. */
    static final int DICTIONARIES = 1;
    /** In the index environment: object id to {@link IdRow}. */
    static final int IDS = 0;

    private static final Logger LOG = LoggerFactory.getLogger(ObjectEnvironments.class);
    private static final String OBJECTS_NAME = "objects";
    private static final String NEW_INDEX = "index.new";
    private static final long OBJECTS_MAP_BYTES = 8L << 30;
    private static final long INDEX_MAP_BYTES = 1L << 30;
    private static final List<String> OBJECT_TABLES = List.of(OBJECTS_NAME, "dictionaries");
    private static final List<String> INDEX_TABLES = indexTables();

    /** What is looked at in one read transaction. */
    private static final int PIECE_ROWS = 10_000;

    private final Path directory;
    private final Environment index;
    private volatile Environment objects;
    private int generation;
    /** Ids may name objects that are no more. */
    private volatile boolean sweeping;

    private final Dictionaries dictionaries = new Dictionaries();
    private volatile Runnable woken = () -> {};

    private ObjectEnvironments(
            Path directory, Environment index, Environment objects, int generation, boolean sweeping) {
        this.directory = directory;
        this.index = index;
        this.objects = objects;
        this.generation = generation;
        this.sweeping = sweeping;
        objects.use(dictionaries);
    }

    static void create(Path directory, Consumer<WriteView> fillIndex) {
        Environment.create(directory.resolve(OBJECTS_NAME), OBJECT_TABLES, OBJECTS_MAP_BYTES, view -> {});
        Environment.create(directory.resolve("index"), INDEX_TABLES, INDEX_MAP_BYTES, fillIndex);
    }

    /** @throws dev.dogear.store.StoreException CORRUPT, NEWER_FORMAT */
    static ObjectEnvironments open(Path directory) {
        Environment index = Environment.open(directory.resolve("index"), INDEX_TABLES, INDEX_MAP_BYTES);
        try {
            int format;
            int generation;
            boolean sweeping;
            try (ReadView view = index.read()) {
                format = Meta.requireKnownFormat(view);
                generation = Meta.generation(view);
                sweeping = Meta.isSweeping(view);
            }
            deleteOthers(directory, generation);
            if (format < Meta.FORMAT) {
                Environment.addTables(objects(directory, generation), OBJECT_TABLES, OBJECTS_MAP_BYTES);
                index.write(0, Meta::putFormat);
            }
            Environment.delete(directory.resolve(NEW_INDEX));
            Environment objects = Environment.open(objects(directory, generation), OBJECT_TABLES, OBJECTS_MAP_BYTES);
            return new ObjectEnvironments(directory, index, objects, generation, sweeping);
        } catch (RuntimeException e) {
            index.close();
            throw e;
        }
    }

    /** What a collection that was cut off left: a half copy, or the whole one it had replaced. */
    private static void deleteOthers(Path directory, int generation) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, OBJECTS_NAME + "*")) {
            for (Path each : found) {
                if (!each.equals(objects(directory, generation))) {
                    Environment.delete(each);
                }
            }
        } catch (IOException e) {
            throw Errors.of("Opening the tables", directory, e);
        }
    }

    private static Path objects(Path directory, int generation) {
        return directory.resolve(generation == 0 ? OBJECTS_NAME : OBJECTS_NAME + "." + generation);
    }

    Environment index() {
        return index;
    }

    /** The environment of objects; for a reader {@link #readObjects} is safer. */
    Environment objects() {
        return objects;
    }

    /** A view of the objects, of those that count. */
    ReadView readObjects() {
        while (true) {
            // Replaced between the two steps: the next round finds the one in its place.
            ReadView view = objects.readUnlessRetired();
            if (view != null) {
                return view;
            }
        }
    }

    /** A new, empty environment, which does not count until {@link #replace}. */
    Environment next() {
        Path path = objects(directory, generation + 1);
        Environment.delete(path);
        Environment.create(path, OBJECT_TABLES, OBJECTS_MAP_BYTES, view -> {});
        Tables.syncDirectory(directory);
        Environment next = Environment.open(path, OBJECT_TABLES, OBJECTS_MAP_BYTES);
        next.use(dictionaries);
        return next;
    }

    /**
     * From now on those objects count: one durable row. The caller sees to it that nobody writes objects meanwhile.
     *
     * @return the environment that was replaced, to be retired
     */
    Environment replace(Environment next) {
        index.write(0, view -> Meta.putGeneration(view, generation + 1));
        Environment replaced = objects;
        // First the flag: whoever then finds an id of an object that is gone looks twice.
        sweeping = true;
        next.onWoken(woken);
        objects = next;
        generation++;
        return replaced;
    }

    /**
     * From now on an index counts that {@code fill} fills, and with the next opening the {@link #next} objects: one rename.
     * Until {@link #rewritten} the present ones are read. The caller sees to it that nobody writes either meanwhile.
     *
     * @param eraseBelow the LSN below which the journal is to be erased after that
     */
    void rewrite(long eraseBelow, Consumer<WriteView> fill) {
        Path made = directory.resolve(NEW_INDEX);
        Environment.delete(made);
        long mapBytes = Math.max(INDEX_MAP_BYTES, 4 * index.sizeBytes());
        Environment.create(made, INDEX_TABLES, mapBytes, view -> {
            fill.accept(view);
            Meta.putRewritten(view, generation + 1, eraseBelow);
        });
        index.become(made);
        generation++;
    }

    /** From now on the other objects are read; ids of those that are not among them are to be swept. */
    Environment rewritten(Environment next) {
        Environment replaced = objects;
        sweeping = true;
        next.onWoken(woken);
        objects = next;
        // What they were trained on may be gone; the next fold trains anew.
        dictionaries.forget();
        return replaced;
    }

    /** The LSN below which the journal is to be erased still; 0 for nothing. */
    long eraseBelow() {
        try (ReadView view = index.read()) {
            return Meta.eraseBelow(view);
        }
    }

    boolean isSweeping() {
        return sweeping;
    }

    /** No id names an object that is no more. */
    void swept() {
        index.write(0, Meta::endSweep);
        sweeping = false;
    }

    /** The number of a table of rows in the index environment. */
    static int number(Table table) {
        return IDS + table.code();
    }

    /** Where LMDB has the object, or null. */
    @Nullable
    IdRow find(ObjectId id) {
        try (ReadView view = index.read()) {
            ByteBuffer row = view.get(IDS, id.toBytes());
            IdRow found = row == null ? null : IdRow.of(row);
            return found == null || !sweeping || isThere(found) ? found : null;
        }
    }

    private boolean isThere(IdRow row) {
        try (ReadView view = readObjects()) {
            return view.get(OBJECTS, row.sequence()) != null;
        }
    }

    /** The dictionary to pack by now; none if it is damaged, which the check tells: what is stored can do without. */
    @Nullable
    Dictionary usableDictionary() {
        try (ReadView view = readObjects()) {
            int newest = (int) view.lastNumber(DICTIONARIES);
            return newest < 1 ? null : view.dictionary(newest);
        } catch (StoreException e) {
            LOG.warn("objects are packed without a dictionary: {}", e.getMessage());
            return null;
        }
    }

    /** A number for a new dictionary, or for one that is not kept. */
    int nextDictionary() {
        try (ReadView view = readObjects()) {
            return dictionaries.next(Math.max(0, (int) view.lastNumber(DICTIONARIES)));
        }
    }

    /** Contents of small objects from all over the table, at most so many and so many bytes. */
    List<byte[]> samples(int count, int bytesMax) {
        List<byte[]> samples = new ArrayList<>();
        try (ReadView view = readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(OBJECTS)) {
            long last = view.lastNumber(OBJECTS);
            long from = 0;
            int bytes = 0;
            for (int i = 0; i < count && bytes < bytesMax; i++) {
                ByteBuffer key = view.key(Math.max(from, last / count * i));
                if (!cursor.get(key, GetOp.MDB_SET_RANGE)) {
                    break;
                }
                from = cursor.key().getLong(0) + 1;
                if (StoredObject.length(cursor.val()) < StoredObject.PACKED_BELOW_BYTES) {
                    byte[] content = ReadView.bytes(StoredObject.content(cursor.val(), view));
                    samples.add(content);
                    bytes += content.length;
                }
            }
        }
        return samples;
    }

    /** See {@link Tables#packing}. */
    Tables.Packing packing() {
        long[] sums = new long[3];
        long next = 0;
        while (next >= 0) {
            next = addLengths(next, sums);
        }
        try (ReadView view = readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(DICTIONARIES)) {
            long bytes = 0;
            for (boolean there = cursor.first(); there; there = cursor.next()) {
                bytes += cursor.val().remaining();
            }
            return new Tables.Packing((int) view.rows(DICTIONARIES), bytes, sums[0], sums[1], sums[2]);
        }
    }

    /** Adds up content, content of small objects and what these take, of a piece; returns where to go on, or -1. */
    private long addLengths(long from, long[] sums) {
        try (ReadView view = readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(OBJECTS)) {
            ByteBuffer start = view.key(from);
            boolean there = cursor.get(start, GetOp.MDB_SET_RANGE);
            for (int i = 0; there && i < PIECE_ROWS; i++) {
                int length = StoredObject.length(cursor.val());
                sums[0] += length;
                if (length < StoredObject.PACKED_BELOW_BYTES) {
                    sums[1] += length;
                    sums[2] += cursor.val().remaining();
                }
                there = cursor.next();
            }
            return there ? cursor.key().getLong(0) : -1;
        }
    }

    /** How many objects there are. */
    long count() {
        try (ReadView view = readObjects()) {
            return view.rows(OBJECTS);
        }
    }

    /** Closes the files until somebody asks again; answers whether all are closed. */
    boolean rest() {
        dictionaries.forget();
        boolean objectsRest = objects.rest();
        return index.rest() && objectsRest;
    }

    void onWoken(Runnable action) {
        woken = action;
        objects.onWoken(action);
        index.onWoken(action);
    }

    /** When either was used last, as {@link System#nanoTime} has it. */
    int readers() {
        return objects.readers() + index.readers();
    }

    long oldestReaderNanos() {
        return Math.max(objects.oldestReaderNanos(), index.oldestReaderNanos());
    }

    long usedNanos() {
        long one = objects.usedNanos();
        long other = index.usedNanos();
        return one - other > 0 ? one : other;
    }

    @Override
    public void close() {
        objects.close();
        index.close();
    }

    private static List<String> indexTables() {
        List<String> names = new ArrayList<>(List.of("ids"));
        for (Table table : Table.values()) {
            if (table.code() != names.size()) {
                throw new AssertionError("codes of tables are 1, 2, 3...");
            }
            names.add(table.dbiName());
        }
        return List.copyOf(names);
    }

    /** The value of the ids table: where an object is, what it is, and how long its content. */
    record IdRow(long sequence, ObjectKind kind, int length) {
        private static final int BYTES = Long.BYTES + 1 + Integer.BYTES;

        static IdRow of(ByteBuffer value) {
            ByteBuffer row = value.duplicate().order(ByteOrder.BIG_ENDIAN);
            if (row.remaining() != BYTES) {
                throw Errors.corrupt("A row of the ids table has " + row.remaining() + " bytes instead of " + BYTES);
            }
            try {
                return new IdRow(row.getLong(), ObjectKind.ofCode(row.get()), row.getInt());
            } catch (IllegalArgumentException e) {
                throw Errors.corrupt("A row of the ids table names no known kind");
            }
        }

        byte[] encode() {
            return ByteBuffer.allocate(BYTES)
                    .putLong(sequence)
                    .put(kind.code())
                    .putInt(length)
                    .array();
        }
    }
}

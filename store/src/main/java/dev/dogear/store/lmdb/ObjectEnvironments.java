package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The two LMDB environments of a repository, and the numbers of their tables. */
record ObjectEnvironments(Environment objects, Environment index) implements AutoCloseable {
    /** In the objects environment: sequence to {@link StoredObject}. */
    static final int OBJECTS = 0;
    /** In the index environment: object id to {@link IdRow}. */
    static final int IDS = 0;

    private static final long OBJECTS_MAP_BYTES = 8L << 30;
    private static final long INDEX_MAP_BYTES = 1L << 30;
    private static final List<String> OBJECT_TABLES = List.of("objects");
    private static final List<String> INDEX_TABLES = indexTables();

    static void create(Path directory, Consumer<WriteView> fillIndex) {
        Environment.create(directory.resolve("objects"), OBJECT_TABLES, OBJECTS_MAP_BYTES, view -> {});
        Environment.create(directory.resolve("index"), INDEX_TABLES, INDEX_MAP_BYTES, fillIndex);
    }

    static ObjectEnvironments open(Path directory) {
        Environment objects = Environment.open(directory.resolve("objects"), OBJECT_TABLES, OBJECTS_MAP_BYTES);
        try {
            return new ObjectEnvironments(
                    objects, Environment.open(directory.resolve("index"), INDEX_TABLES, INDEX_MAP_BYTES));
        } catch (RuntimeException e) {
            objects.close();
            throw e;
        }
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
            return row == null ? null : IdRow.of(row);
        }
    }

    /** Closes the files until somebody asks again; answers whether all are closed. */
    boolean rest() {
        boolean objectsRest = objects.rest();
        return index.rest() && objectsRest;
    }

    void onWoken(Runnable action) {
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

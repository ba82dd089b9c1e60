package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.LmdbException;

/**
 * The tables of the data folder itself. Changed rarely, so there is no journal: every change is a durable transaction of
 * its own, and is so when the method returns.
 */
public final class ServerTables implements AutoCloseable {
    /** 2: among the repositories are deleted ones. */
    private static final int FORMAT = 2;

    private static final long MAP_BYTES = 1L << 30;
    private static final byte[] FORMAT_KEY = "dogear.format".getBytes(UTF_8);
    private static final List<String> NAMES =
            Stream.of(Name.values()).map(Name::dbiName).toList();

    private final Environment environment;

    private ServerTables(Environment environment) {
        this.environment = environment;
    }

    /**
     * Opens the tables in {@code directory}; makes them if the directory is not there or empty.
     *
     * @throws StoreException CORRUPT, NEWER_FORMAT
     */
    public static ServerTables open(Path directory) {
        if (!Files.exists(directory.resolve("data.mdb")) && !Files.exists(directory.resolve("lock.mdb"))) {
            Environment.create(
                    directory, NAMES, MAP_BYTES, view -> view.put(Name.SETTINGS.place, FORMAT_KEY, number(FORMAT)));
            Tables.syncDirectory(directory.resolve(".."));
        }
        ServerTables tables = new ServerTables(Environment.open(directory, NAMES, MAP_BYTES));
        byte[] format = tables.get(Name.SETTINGS, FORMAT_KEY);
        if (format == null || ByteBuffer.wrap(format).getLong() > FORMAT) {
            tables.close();
            throw new StoreException(
                    format == null ? StoreException.Kind.CORRUPT : StoreException.Kind.NEWER_FORMAT,
                    "The tables in " + directory
                            + (format == null
                                    ? " do not say what format they have"
                                    : " were written by a newer Dogear; use that"));
        }
        if (ByteBuffer.wrap(format).getLong() < FORMAT) {
            tables.environment.write(0, view -> view.put(Name.SETTINGS.place, FORMAT_KEY, number(FORMAT)));
        }
        return tables;
    }

    /** A row's value, or null. */
    public byte @Nullable [] get(Name table, byte[] key) {
        try (ReadView view = environment.read()) {
            ByteBuffer value = view.get(table.place, key);
            return value == null ? null : ReadView.bytes(value);
        }
    }

    public void put(Name table, byte[] key, byte[] value) {
        requireForeign(key);
        environment.write(key.length + value.length, view -> view.put(table.place, key, value));
    }

    /** Puts a row unless there is one with that key; answers whether it did. */
    public boolean putIfAbsent(Name table, byte[] key, byte[] value) {
        requireForeign(key);
        boolean[] put = new boolean[1];
        environment.write(key.length + value.length, view -> {
            put[0] = view.get(table.place, key) == null;
            if (put[0]) {
                view.put(table.place, key, value);
            }
        });
        return put[0];
    }

    /** Puts a row in the place of another, in one transaction; the keys may be the same. */
    public void replace(Name table, byte[] oldKey, byte[] key, byte[] value) {
        requireForeign(oldKey);
        requireForeign(key);
        environment.write(oldKey.length + key.length + value.length, view -> {
            view.delete(table.place, oldKey);
            view.put(table.place, key, value);
        });
    }

    /** Deletes a row if it is there. */
    public void delete(Name table, byte[] key) {
        requireForeign(key);
        environment.write(key.length, view -> view.delete(table.place, key));
    }

    /** As {@link Tables#scan}. */
    public void scan(Name table, byte[] from, boolean backwards, Tables.RowVisitor visitor) {
        try (ReadView view = environment.read();
                Cursor<ByteBuffer> cursor = view.cursor(table.place)) {
            RowScan.Start start = new RowScan.Start(from, view.key(from), backwards);
            RowScan.run(
                    Collections.emptyIterator(),
                    cursor,
                    start,
                    Long.MAX_VALUE,
                    (key, value) -> Arrays.equals(key, FORMAT_KEY) || visitor.row(key, value));
        } catch (LmdbException e) {
            throw environment.failed(e);
        }
    }

    @Override
    public void close() {
        environment.close();
    }

    private static void requireForeign(byte[] key) {
        if (key.length == 0 || key.length > ReadView.MAX_KEY_BYTES || Meta.isOwn(key)) {
            throw new IllegalArgumentException("a key has 1 to 511 bytes and does not begin with dogear.");
        }
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** What the data folder knows beyond its repositories. */
    public enum Name {
        /** Repository name (UTF-8) to repository. */
        REPOSITORIES(0),
        /** First bookmark number (u32, big-endian) of a block to the id of the repository that got it. */
        BLOCKS(1),
        /** Anything of which there is one. */
        SETTINGS(2);

        /** Its place in the list of the environment's tables. */
        final int place;

        Name(int place) {
            this.place = place;
        }

        String dbiName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

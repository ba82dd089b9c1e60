package dev.dogear.store.lmdb;

import com.google.common.primitives.Ints;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.lmdbjava.Cursor;

/**
 * What a store knows beside its repositories: which there are, and who got which block of bookmark numbers. Rarely
 * written; each call is a durable transaction of its own.
 */
public final class ServerTables implements AutoCloseable {
    private static final List<String> NAMES = List.of("repositories", "blocks", "meta");
    private static final int REPOSITORIES = 0;
    private static final int BLOCKS = 1;
    private static final long MAP_BYTES = 64L << 20;
    private static final long ROW_BYTES = 4096;

    private final Environment environment;

    private ServerTables(Environment environment) {
        this.environment = environment;
    }

    /** Opens the tables in {@code folder}, makes them if they are not there. */
    public static ServerTables open(Path folder) {
        Path directory = folder.resolve("tables");
        if (!Files.exists(directory.resolve("data.mdb"))) {
            Environment.create(directory, NAMES, MAP_BYTES, view -> {});
        }
        return new ServerTables(Environment.open(directory, NAMES, MAP_BYTES));
    }

    /** Repository names and their rows. */
    public Map<String, byte[]> repositories() {
        Map<String, byte[]> found = new TreeMap<>();
        try (ReadView view = environment.read()) {
            forEach(view, REPOSITORIES, (key, value) -> found.put(new String(key, StandardCharsets.UTF_8), value));
        }
        return found;
    }

    /** Sets the row of a repository. */
    public void putRepository(String name, byte[] row) {
        environment.write(ROW_BYTES, view -> view.put(REPOSITORIES, name.getBytes(StandardCharsets.UTF_8), row));
    }

    /** Removes the row of a repository. */
    public void removeRepository(String name) {
        environment.write(ROW_BYTES, view -> view.delete(REPOSITORIES, name.getBytes(StandardCharsets.UTF_8)));
    }

    /** First numbers of blocks and the id of the repository that got each. */
    public Map<Integer, byte[]> blocks() {
        Map<Integer, byte[]> found = new TreeMap<>();
        try (ReadView view = environment.read()) {
            forEach(view, BLOCKS, (key, value) -> found.put(Ints.fromByteArray(key), value));
        }
        return found;
    }

    /** Gives a block of numbers to a repository. */
    public void putBlock(int first, byte[] repository) {
        environment.write(ROW_BYTES, view -> view.put(BLOCKS, Ints.toByteArray(first), repository));
    }

    private static void forEach(ReadView view, int table, BiConsumer<byte[], byte[]> visitor) {
        try (Cursor<ByteBuffer> cursor = view.cursor(table)) {
            for (boolean there = cursor.first(); there; there = cursor.next()) {
                visitor.accept(bytes(cursor.key()), bytes(cursor.val()));
            }
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        environment.close();
    }
}

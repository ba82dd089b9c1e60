package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Files that a test writes until there is no room: those whose fsync returned have to be there, whatever happens. */
final class SyncedFiles {
    private static final int FILES_MAX = 2_000;

    private final Path directory;
    private final SplittableRandom random;

    /** Content of every file whose fsync returned, by name. */
    private final Map<String, byte[]> synced = new LinkedHashMap<>();

    SyncedFiles(Path directory, long seed) {
        this.directory = directory;
        this.random = new SplittableRandom(seed);
    }

    /** Writes a new file of random bytes. */
    void write(String name, int length) throws IOException {
        byte[] content = new byte[length];
        random.nextBytes(content);
        try (FileChannel channel =
                FileChannel.open(directory.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        synced.put(name, content);
    }

    /**
     * Writes files until somebody says that there is no room.
     *
     * @param each is told the number of each file that was written
     * @return what was said; null if nobody did
     */
    @Nullable
    String fill(String prefix, int length, IntConsumer each) {
        for (int i = 0; i < FILES_MAX; i++) {
            try {
                write(prefix + i, length);
            } catch (IOException e) {
                return String.valueOf(e.getMessage());
            }
            each.accept(i);
        }
        return null;
    }

    int count() {
        return synced.size();
    }

    Path first() {
        return directory.resolve(synced.keySet().iterator().next());
    }

    void delete(Path file) throws IOException {
        Files.delete(file);
        synced.remove(file.getFileName().toString());
    }

    void stillThere(String when) throws IOException {
        for (Map.Entry<String, byte[]> file : synced.entrySet()) {
            assertArrayEquals(
                    file.getValue(), Files.readAllBytes(directory.resolve(file.getKey())), file.getKey() + " " + when);
        }
    }
}

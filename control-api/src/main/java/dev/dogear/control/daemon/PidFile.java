package dev.dogear.control.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who has the data folder open, in words for the one who finds it locked. The lock itself is the store's; a file left by
 * a killed daemon is only read while somebody else holds that lock.
 */
final class PidFile implements AutoCloseable {
    private final Path file;

    private PidFile(Path file) {
        this.file = file;
    }

    private static Path in(Path data) {
        return data.resolve("server").resolve("daemon.pid");
    }

    static PidFile write(Daemon.Options options) throws IOException {
        Path file = in(options.data());
        Files.writeString(file, ProcessHandle.current().pid() + " " + options.socket() + "\n");
        return new PidFile(file);
    }

    /** A sentence that names the process, or null if nobody left a word. */
    static @Nullable String describe(Path data) {
        try {
            String[] words = Files.readString(in(data)).strip().split(" ", 2);
            return "The daemon with pid " + words[0] + " has it open and answers at " + words[1]
                    + "\nStop it with: dogear down --socket " + words[1];
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that works in a directory of the mount until a file outside it appears, and says with its status whether all was well. */
final class LoadProgram {
    /** What there is, each a script of that name among the test's resources. */
    static final List<String> ALL = List.of("git.sh", "build.sh", "append.sh", "sqlite.py", "maps.py", "locks.py");

    private final String name;
    private final Process process;
    private final Path out;

    private LoadProgram(String name, Process process, Path out) {
        this.name = name;
        this.process = process;
        this.out = out;
    }

    /**
     * Starts it.
     *
     * @param outside a folder outside the mount, for the script and what it says
     * @param seed of what it does at random
     */
    static LoadProgram start(String name, Path directory, Path outside, Path stop, long seed) throws IOException {
        Path script = outside.resolve(name);
        try (InputStream resource = Objects.requireNonNull(LoadProgram.class.getResourceAsStream("load/" + name))) {
            Files.copy(resource, script);
        }
        Path out = outside.resolve(name + ".out");
        String interpreter = name.endsWith(".py") ? "python3" : "/bin/sh";
        // The shell changes directory, so that it is not a thread of ours that would hang there.
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "cd \"$0\" && exec \"$@\"",
                        directory.toString(),
                        interpreter,
                        script.toString(),
                        stop.toString(),
                        Long.toString(seed))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        return new LoadProgram(name, process, out);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What was wrong with one that has ended, or null. */
    @Nullable
    String failure() throws IOException {
        return process.isAlive() || process.exitValue() == 0 ? null : name + ": " + said();
    }

    /** Waits for its end, after it was told to stop. */
    void await(long seconds) throws IOException {
        if (!hasEnded(seconds)) {
            String where = Command.kernelStack(process.pid());
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(name + " hangs: " + where + said());
        }
    }

    private boolean hasEnded(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** All that it has written. */
    String said() throws IOException {
        return Files.readString(out, UTF_8).strip();
    }
}

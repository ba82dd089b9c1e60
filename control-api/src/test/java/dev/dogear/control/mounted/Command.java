package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program run to its end, never longer than a limit: what hangs in the mount is reported and let go. */
final class Command {
    static final long SECONDS_MAX = Long.getLong("dogear.command.seconds", 120);

    private final List<String> words;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path directory = Path.of("/");
    private Runnable letGo = () -> {};

    private Command(List<String> words) {
        this.words = words;
    }

    static Command of(String... words) {
        return new Command(List.of(words));
    }

    static Command of(List<String> words) {
        return new Command(words);
    }

    Command in(Path folder) {
        directory = folder;
        return this;
    }

    Command with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** What frees a process that waits in a mount for ever. */
    Command onHang(Runnable action) {
        letGo = action;
        return this;
    }

    /** Runs it; fails the test if it ends with another status than 0. */
    String run() {
        CliResult result = tryRun();
        if (result.exit() != 0) {
            throw new AssertionError(String.join(" ", words) + " in " + directory + ": " + result.describe());
        }
        return result.out();
    }

    CliResult tryRun() {
        try {
            Path out = Files.createTempFile("command", ".out");
            Path err = Files.createTempFile("command", ".err");
            try {
                Process process = start(out, err);
                boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
                if (!ended) {
                    throw hanging(process, out, err);
                }
                return new CliResult(process.exitValue(), text(out), text(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + words, e);
        }
    }

    private Process start(Path out, Path err) throws IOException {
        // The shell changes directory, so that it is not a thread of ours that would hang there.
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory.toString());
        builder.command().addAll(words);
        builder.environment().putAll(environment);
        return builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    private AssertionError hanging(Process process, Path out, Path err) throws IOException, InterruptedException {
        StringBuilder report = new StringBuilder("hangs: " + words + " in " + directory + "\n");
        List<ProcessHandle> all =
                new java.util.ArrayList<>(process.descendants().toList());
        all.add(0, process.toHandle());
        all.forEach(each -> report.append(kernelStack(each.pid())));
        letGo.run();
        all.forEach(ProcessHandle::destroyForcibly);
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            report.append("it does not even end when killed\n");
        }
        return new AssertionError(report.append(text(out)).append(text(err)).toString());
    }

    /** Where in the kernel its threads wait, as far as we may see. */
    static String kernelStack(long pid) {
        StringBuilder report = new StringBuilder();
        for (String file : List.of("comm", "wchan", "syscall", "stack")) {
            try {
                String text = Files.readString(Path.of("/proc", Long.toString(pid), file));
                report.append(pid)
                        .append(' ')
                        .append(file)
                        .append(": ")
                        .append(text.strip())
                        .append('\n');
            } catch (IOException e) {
                report.append(pid).append(' ').append(file).append(": not readable\n");
            }
        }
        return report.toString();
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), UTF_8);
    }
}

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A shell that stays in a directory, perhaps as another user, and does what it is told line by line. */
final class ShellInside implements AutoCloseable {
    private static final String END = "--end-of-answer--";
    private static final long END_SECONDS_MAX = 10;

    private final Process process;
    private final BufferedReader answers;

    private ShellInside(Process process) {
        this.process = process;
        this.answers = process.inputReader(UTF_8);
    }

    /** Words that let a program run as a user without an account. */
    static List<String> as(int user, String... words) {
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--inh-caps=-all"));
        all.addAll(List.of(words));
        return all;
    }

    static ShellInside start(Path directory, int user) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(as(user, "/bin/sh", "-c", "cd \"$0\" && exec /bin/sh", directory.toString()));
            return new ShellInside(builder.redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the shell prints for that line, errors included, without the last line end. */
    String tell(String line) {
        try {
            process.getOutputStream().write((line + "\necho; echo " + END + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
            StringBuilder text = new StringBuilder();
            while (true) {
                String next = answers.readLine();
                if (next == null) {
                    throw new AssertionError("the shell ended at: " + line + "\n" + text);
                }
                if (next.equals(END)) {
                    return text.toString().strip();
                }
                text.append(next).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

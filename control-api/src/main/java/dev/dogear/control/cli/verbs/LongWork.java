package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.SocketClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Work of the daemon that takes its time: on a terminal, with a word on how far it has come. */
final class LongWork {
    private static final String LINES = "application/x-ndjson";

    private LongWork() {}

    /** Bytes as people read them. */
    static String size(long bytes) {
        return ProgressLine.size(bytes);
    }

    /** Asks for the work, shows its progress on a terminal, and returns its result. */
    static byte[] ask(Invocation asked, String path, Map<String, Object> body) throws IOException {
        if (!isOnTerminal(asked)) {
            return asked.send("POST", path, body);
        }
        ProgressLine progress = new ProgressLine(asked.err());
        try (SocketClient.Reply reply = asked.client().send("POST", path, JsonText.write(body), LINES)) {
            if (reply.status() >= 400) {
                return Invocation.checked(reply);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Fields event = JsonText.object(line.getBytes(StandardCharsets.UTF_8));
                if (event.has("progress")) {
                    progress.show(event.object("progress"));
                } else if (event.has("result")) {
                    return JsonText.write(event.object("result").map());
                } else {
                    progress.clear();
                    throw Invocation.failure((int) event.number("status"), event);
                }
            }
            throw new IOException("the daemon ended before the work was done; its log says why");
        } finally {
            progress.clear();
        }
    }

    private static boolean isOnTerminal(Invocation asked) {
        // Whether the error stream is a terminal is known to the script that started us: the JDK cannot tell.
        return "1".equals(asked.settings().environment().get("DOGEAR_STDERR_TTY"));
    }

    /** Where work of this process shows its progress: on a terminal, else nowhere. To be closed when it is done. */
    static Shown shown(Invocation asked) {
        return new Shown(isOnTerminal(asked) ? new ProgressLine(asked.err()) : null);
    }

    /** Progress of work of this process. */
    static final class Shown implements AutoCloseable {
        private final @Nullable ProgressLine line;

        private Shown(@Nullable ProgressLine line) {
            this.line = line;
        }

        /** @param total 0 if nobody knows */
        void at(String stage, long done, long total) {
            if (line != null) {
                line.show(stage, done, total);
            }
        }

        @Override
        public void close() {
            if (line != null) {
                line.clear();
            }
        }
    }

    /** One line of a terminal that says how far work has come, written over again and again, and gone at its end. */
    private static final class ProgressLine {
        private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
        private static final String SLIDER = "====";
        private static final int WIDTH = 20;

        private final PrintStream err;
        private int steps;
        private boolean shown;

        ProgressLine(PrintStream err) {
            this.err = err;
        }

        void show(Fields progress) {
            if (progress.has("stage")) {
                show(
                        progress.text("stage"),
                        progress.number("done"),
                        progress.has("total") ? progress.number("total") : 0);
            } else {
                show(movement(), progress.number("files") + " files, " + size(progress.number("bytes")));
            }
        }

        void show(String stage, long done, long total) {
            show(total > 0 ? share(done, total) : movement(), stage + " " + done);
        }

        private void show(String bar, String said) {
            err.printf("\r[%s] %s\033[K", bar, said);
            err.flush();
            shown = true;
        }

        private static String share(long done, long total) {
            int full = (int) (WIDTH * Math.min(done, total) / total);
            return "=".repeat(full) + " ".repeat(WIDTH - full);
        }

        /** How much there is to do is not known ahead, so the bar shows movement, not a share. */
        private String movement() {
            int room = WIDTH - SLIDER.length();
            int at = Math.abs(steps++ % (2 * room) - room);
            return " ".repeat(at) + SLIDER + " ".repeat(room - at);
        }

        void clear() {
            if (shown) {
                err.print("\r\033[K");
                err.flush();
                shown = false;
            }
        }

        static String size(long bytes) {
            double size = bytes;
            int unit = 0;
            while (size >= 1024 && unit < UNITS.length - 1) {
                size /= 1024;
                unit++;
            }
            return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
        }
    }
}

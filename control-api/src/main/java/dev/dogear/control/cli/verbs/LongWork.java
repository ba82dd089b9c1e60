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
        // Whether the error stream is a terminal is known to the script that started us: the JDK cannot tell.
        if (!"1".equals(asked.settings().environment().get("DOGEAR_STDERR_TTY"))) {
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
            String said = progress.has("stage")
                    ? progress.text("stage") + " " + progress.number("done")
                    : progress.number("files") + " files, " + size(progress.number("bytes"));
            long total = progress.has("total") ? progress.number("total") : 0;
            err.printf("\r[%s] %s\033[K", total > 0 ? share(progress.number("done"), total) : movement(), said);
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

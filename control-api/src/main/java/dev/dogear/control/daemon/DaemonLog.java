package dev.dogear.control.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is logged to a file in the data folder, one line an entry, kept to a few generations. With
 * {@code DOGEAR_LOG=json} in the daemon's environment each line is a JSON object.
 */
final class DaemonLog {
    private static final int FILE_BYTES_MAX = 8 << 20;
    private static final int GENERATIONS = 3;

    /** Held, because an unused logger forgets its level. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    private DaemonLog() {}

    /** The present file of that folder; older ones have higher numbers, which the handler appends by itself. */
    static Path file(Path folder) {
        return folder.resolve("daemon.0.log");
    }

    /** From here on entries go there and nowhere else: never to a terminal that may be gone, never into the mount. */
    static void open(Path folder) throws IOException {
        FileHandler file = new FileHandler(
                folder.toString().replace("%", "%%") + "/daemon.%g.log", FILE_BYTES_MAX, GENERATIONS, true);
        file.setFormatter(formatter(System.getenv("DOGEAR_LOG")));
        file.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(file);
        root.setLevel(Level.INFO);
        // What Jetty says of its own start is of no use to anybody.
        JETTY.setLevel(Level.WARNING);
    }

    static Formatter formatter(@Nullable String form) {
        return "json".equals(form) ? new JsonLine() : new Line();
    }

    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    /** An entry as a JSON object, for programs that collect logs. */
    private static final class JsonLine extends Formatter {
        @Override
        public String format(LogRecord entry) {
            ObjectNode line = Json.object()
                    .put("at", entry.getInstant().toString())
                    .put("level", entry.getLevel().getName())
                    .put("logger", entry.getLoggerName())
                    .put("message", formatMessage(entry));
            if (entry.getThrown() != null) {
                line.put("trace", trace(entry.getThrown()));
            }
            return new String(Json.write(line), StandardCharsets.UTF_8) + "\n";
        }
    }

    /** An entry as one line; a stack trace has its line ends written out. */
    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord entry) {
            StringBuilder line = new StringBuilder()
                    .append(entry.getInstant())
                    .append(' ')
                    .append(entry.getLevel().getName())
                    .append(' ')
                    .append(entry.getLoggerName())
                    .append(": ")
                    .append(formatMessage(entry));
            if (entry.getThrown() != null) {
                line.append(" | ").append(trace(entry.getThrown()));
            }
            return line.toString()
                            .strip()
                            .replace("\r", "")
                            .replace("\n", "\\n")
                            .replace("\t", " ") + "\n";
        }
    }
}

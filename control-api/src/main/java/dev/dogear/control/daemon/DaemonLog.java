package dev.dogear.control.daemon;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sends what is logged to a file in the data folder, one line an entry, kept to a few generations. */
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
        file.setFormatter(new Line());
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
                StringWriter trace = new StringWriter();
                entry.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(" | ").append(trace);
            }
            return line.toString()
                            .strip()
                            .replace("\r", "")
                            .replace("\n", "\\n")
                            .replace("\t", " ") + "\n";
        }
    }
}

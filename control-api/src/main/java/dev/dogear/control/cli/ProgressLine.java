package dev.dogear.control.cli;

import java.io.PrintStream;
import java.util.Locale;

/** One line of a terminal that says how far work has come, written over again and again, and gone at its end. */
final class ProgressLine {
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
        // How much there is to do is not known ahead, so the bar shows movement, not a share.
        int room = WIDTH - SLIDER.length();
        int at = Math.abs(steps++ % (2 * room) - room);
        err.printf(
                "\r[%s%s%s] %d files, %s\033[K",
                " ".repeat(at),
                SLIDER,
                " ".repeat(room - at),
                progress.number("files"),
                size(progress.number("bytes")));
        err.flush();
        shown = true;
    }

    void clear() {
        if (shown) {
            err.print("\r\033[K");
            err.flush();
            shown = false;
        }
    }

    private static String size(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
    }
}

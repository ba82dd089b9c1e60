package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.SocketClient;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Import and export: whole trees in and out, with a word on how far it has come. */
final class TransferVerbs {
    private static final String LINES = "application/x-ndjson";

    private TransferVerbs() {}

    static Verb importTree() {
        return Verb.of("import", "Makes a change of a directory or tar archive; its tree replaces the bookmark's.")
                .argument("REPO", "Name of the repository.")
                .argument("PATH", "A directory, or a file ending in .tar, .tar.gz or .tgz.")
                .option("--bookmark", "NAME", "The bookmark it goes to (default: the default bookmark).")
                .option("-m,--message", "TEXT", "Message of the change.")
                .example("dogear import app ~/src/app --bookmark main")
                .runs(asked -> {
                    Map<String, Object> body = new HashMap<>();
                    body.put("path", absolute(asked.argument(1)));
                    put(body, "bookmark", asked.option("--bookmark"));
                    put(body, "message", asked.option("--message"));
                    byte[] answer = work(asked, Invocation.repository(asked.argument(0), "/import"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields result = JsonText.object(answer);
                    asked.out()
                            .println("Imported " + result.text("files") + " paths, " + result.text("bytes")
                                    + " bytes: "
                                    + Table.id(result.object("change").text("id")));
                    return ExitCode.OK;
                });
    }

    static Verb exportTree() {
        return Verb.of(
                        "export",
                        "Writes a bookmark as it is now, edits included, or a change, to a directory or archive.")
                .argument("REPO/BOOKMARK|REPO/@CHANGE", "What to write.")
                .argument("PATH", "A new or empty directory, or a file ending in .tar, .tar.gz or .tgz.")
                .example("dogear export app/main /tmp/app.tar.gz")
                .example("dogear export app/@kxyzmnop /tmp/app")
                .runs(asked -> {
                    Invocation.Target target = Invocation.Target.parse(asked.argument(0));
                    boolean change = target.bookmark().startsWith("@");
                    Map<String, Object> body = Map.of(
                            "path",
                            absolute(asked.argument(1)),
                            change ? "revision" : "bookmark",
                            change ? target.bookmark().substring(1) : target.bookmark());
                    byte[] answer = work(asked, Invocation.repository(target.repository(), "/export"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Exported " + target + " to " + asked.argument(1));
                    return ExitCode.OK;
                });
    }

    private static void put(Map<String, Object> body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    /** Asks for the work, shows its progress on a terminal, and returns its result. */
    private static byte[] work(Invocation asked, String path, Map<String, Object> body) throws IOException {
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
}

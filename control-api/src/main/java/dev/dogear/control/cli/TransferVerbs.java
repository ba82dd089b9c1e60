package dev.dogear.control.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

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

    private static void put(Map<String, Object> body, String field, @org.jspecify.annotations.Nullable String value) {
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
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.SocketClient;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verbs that tell what happens as it happens. */
final class EventVerbs {
    private static final String LINES = "application/x-ndjson";

    /** Kinds of events that say something of a bookmark, which stays as it is. */
    private static final Set<String> SAID = Set.of("propose", "approve", "reject", "conflict");

    private EventVerbs() {}

    /** Is told an event; false ends the stream. */
    private interface Listener {
        boolean told(Fields event, String line) throws IOException, InterruptedException;
    }

    static Verb events() {
        return Verb.of("events", "Shows what was done in a repository, and with --follow what is done from now on.")
                .argument("REPO[/PATTERN]", "The repository, and which bookmarks of it, such as app/session/*.")
                .flag("-f,--follow", "Go on with what happens.")
                .option("--after", "NUMBER", "Only what came after that event (0: all there is).")
                .option("--kind", "KIND,…", "Only events of these kinds: checkpoint, merge, undo, move, edits…")
                .example("dogear events app --follow --kind checkpoint,merge")
                .example("dogear events 'app/session/*' --after 120 --json")
                .runs(asked -> {
                    String after = asked.option("--after");
                    boolean follow = asked.flag("--follow");
                    String start = after != null ? after : follow ? "" : "0";
                    listen(asked, asked.argument(0), start, follow, (event, line) -> {
                        asked.out().println(asked.json() ? line : text(event));
                        asked.out().flush();
                        return true;
                    });
                    return ExitCode.OK;
                });
    }

    static Verb watch() {
        return Verb.of(
                        "watch",
                        "Runs a command whenever a bookmark changes: by checkpoint, undo, merge or move, also of others.")
                .argument("REPO/BOOKMARK", "The bookmark, such as app/main.")
                .further("COMMAND", "The command and its arguments, after --.")
                .option("--kind", "KIND,…", "Only on these kinds of events: checkpoint, merge, undo, move, edits…")
                .option("--times", "N", "End after so many runs, with the status of the last.")
                .example("dogear watch app/main -- make test")
                .example("dogear watch app/main --kind merge -- sh -c 'echo \"$DOGEAR_EVENT\"'")
                .runs(EventVerbs::watch);
    }

    private static ExitCode watch(Invocation asked) throws IOException, InterruptedException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        List<String> command = asked.further(1);
        if (command.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE, "What is to be run stands after --: dogear watch " + target + " -- COMMAND");
        }
        int[] left = {times(asked.option("--times"))};
        int[] last = {0};
        boolean all = asked.option("--kind") != null;
        listen(asked, target.toString(), "", true, (event, line) -> {
            if (!all && SAID.contains(event.text("kind"))) {
                return true;
            }
            last[0] = run(asked, command, event, line);
            return --left[0] != 0;
        });
        return last[0] == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private static int times(@Nullable String text) {
        try {
            int times = text == null ? -1 : Integer.parseInt(text);
            if (times != 0) {
                return times;
            }
        } catch (NumberFormatException e) {
            // Said below, as for 0.
        }
        throw new CommandException(ExitCode.USAGE, "--times takes a number from 1 on, not " + text);
    }

    /** The command has the terminal, and the event in its environment. */
    private static int run(Invocation asked, List<String> command, Fields event, String line)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("DOGEAR_EVENT", event.text("kind"));
        builder.environment().put("DOGEAR_EVENT_JSON", line);
        int status = builder.start().waitFor();
        if (status != 0) {
            asked.err().println("dogear: " + command.get(0) + " ended with " + status);
        }
        return status;
    }

    /** Asks for the events and shows each; a stream that breaks off is taken up again where it ended. */
    private static void listen(Invocation asked, String what, String after, boolean follow, Listener listener)
            throws IOException, InterruptedException {
        int slash = what.indexOf('/');
        String repository = slash < 0 ? what : what.substring(0, slash);
        Query query = new Query(Invocation.repository(repository, "/events"))
                .with("follow", Boolean.toString(follow))
                .with("bookmark", slash < 0 ? null : what.substring(slash + 1))
                .with("kind", asked.option("--kind"))
                .with("after", after.isEmpty() ? null : after);
        try (SocketClient.Reply reply = asked.client().send("GET", query.toString(), new byte[0], LINES)) {
            if (reply.status() >= 400) {
                Invocation.checked(reply);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // An empty line only says that the daemon is alive.
                boolean more =
                        line.isEmpty() || listener.told(JsonText.object(line.getBytes(StandardCharsets.UTF_8)), line);
                if (!more) {
                    return;
                }
            }
        }
        if (follow) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "The daemon ended the stream. Go on with --after and the number"
                            + " of the last event, once it is there again.");
        }
    }

    private static String text(Fields event) {
        if (event.text("kind").equals("edits")) {
            return "      edits  " + event.text("bookmark") + ": " + event.text("edits");
        }
        if (event.text("kind").equals("conflict")) {
            return "   conflict  " + event.text("bookmark") + " with " + event.text("source")
                    + (event.flag("stored") ? ", stored: " : ", refused: ") + String.join(", ", event.texts("paths"));
        }
        List<String> moves = new ArrayList<>();
        for (Fields move : event.objects("moves")) {
            moves.add(move.text("bookmark") + " " + id(move.text("from_change_id")) + " -> "
                    + id(move.text("to_change_id")));
        }
        return String.format(
                        "%5s %s %s by %s  %s",
                        event.text("id"),
                        event.text("at"),
                        event.text("kind"),
                        event.text("by"),
                        String.join(", ", moves))
                + (event.has("proposal") ? "  (proposal " + event.text("proposal") + ")" : "");
    }

    private static String id(String change) {
        return change.isEmpty() ? "none" : Table.id(change);
    }
}

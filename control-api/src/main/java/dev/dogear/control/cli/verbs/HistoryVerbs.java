package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.DiffStat;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Terminal;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verbs on the states of a bookmark: store one, go back, go forward, look. */
final class HistoryVerbs {
    private static final String DRY_RUN = "Say what would change and change nothing.";

    private HistoryVerbs() {}

    static Verb checkpoint() {
        return Verb.of("checkpoint", "Stores the edits of a bookmark as a change and moves the bookmark to it.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .option("-m,--message", "TEXT", "What was done.")
                .options(
                        "--author",
                        "'NAME <MAIL>'",
                        "Who did it; can be given again (default: the key's name, else as git has it, else you).")
                .options("--meta", "KEY=VALUE", "Metadata, kept as a trailer of the message; can be given again.")
                .flag("--allow-empty", "Make a change even if there are no edits.")
                .flag("--amend", "Put the edits into the bookmark's last change instead of a new one.")
                .example("dogear checkpoint app/session/1 -m 'prompt: add login' --meta run=7")
                .runs(HistoryVerbs::runCheckpoint);
    }

    private static ExitCode runCheckpoint(Invocation asked) throws IOException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        if (asked.flag("--amend")) {
            return AmendVerbs.absorb(asked, target);
        }
        Map<String, Object> body = AmendVerbs.described(asked);
        body.putIfAbsent("message", "");
        AmendVerbs.addAuthor(asked, body);
        body.put("allow_empty", asked.flag("--allow-empty"));
        byte[] answer = asked.send("POST", target.path("/checkpoint"), body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields result = JsonText.object(answer);
        Fields change = result.object("change");
        asked.out()
                .println(
                        result.flag("unchanged")
                                ? "No edits since " + Table.id(change.text("id"))
                                : Table.id(change.text("id")) + " " + Table.subject(change.text("message")) + " ("
                                        + result.text("files") + " paths, " + result.text("bytes") + " bytes)");
        return ExitCode.OK;
    }

    static Verb undo() {
        return Verb.of(
                        "undo",
                        "Takes a bookmark back: edits first, else the last operation. Nothing is lost; redo returns.")
                .argument("REPO[/BOOKMARK]", "The bookmark, such as app/session/1; a repository with --operation.")
                .further("PATH", "Only these files and folders go back, as new edits.")
                .option("--checkpoints", "N", "Go back before the last N checkpoints, edits or not.")
                .option("--operation", "ID", "Revert that operation of the repository, whatever followed it.")
                .flag("--dry-run", DRY_RUN)
                .example("dogear undo app/session/1 --checkpoints 1")
                .example("dogear undo app/session/1 --dry-run -- src/login.c docs")
                .example("dogear undo app --operation 17")
                .runs(asked -> asked.option("--operation") == null ? bookmark(asked) : operation(asked));
    }

    static Verb redo() {
        return Verb.of("redo", "Brings back what the last undo took away.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .flag("--dry-run", DRY_RUN)
                .example("dogear redo app/session/1")
                .runs(asked -> back(asked, "/redo", body(asked)));
    }

    private static Map<String, Object> body(Invocation asked) {
        return asked.flag("--dry-run") ? new HashMap<>(Map.of("dry_run", true)) : new HashMap<>();
    }

    private static ExitCode bookmark(Invocation asked) throws IOException {
        Map<String, Object> body = body(asked);
        String count = asked.option("--checkpoints");
        if (count != null) {
            body.put("checkpoints", positive(count));
        }
        List<String> paths = asked.paths(1);
        if (!paths.isEmpty()) {
            body.put("paths", paths);
        }
        return back(asked, "/undo", body);
    }

    private static ExitCode back(Invocation asked, String route, Map<String, ?> body) throws IOException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        byte[] answer = asked.send("POST", target.path(route), body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields result = JsonText.object(answer);
        String is = result.flag("dry_run") ? " would be at " : " is now at ";
        asked.out().println(target + is + Table.id(result.text("to_change_id")));
        printPaths(asked, result);
        printSaved(asked, result);
        return ExitCode.OK;
    }

    private static ExitCode operation(Invocation asked) throws IOException {
        if (!asked.further(1).isEmpty() || asked.option("--checkpoints") != null) {
            throw new CommandException(
                    ExitCode.USAGE, "With --operation the repository alone is named, no checkpoints or paths.");
        }
        String id = Integer.toString(positive(String.valueOf(asked.option("--operation"))));
        byte[] answer = asked.send(
                "POST", Invocation.repository(asked.argument(0), "/operations/" + id + "/undo"), body(asked));
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields result = JsonText.object(answer);
        boolean dryRun = result.flag("dry_run");
        for (Fields each : result.objects("bookmarks")) {
            asked.out().println(asked.argument(0) + "/" + each.text("bookmark") + state(each, dryRun));
            printPaths(asked, each);
        }
        printSaved(asked, result);
        return ExitCode.OK;
    }

    private static String state(Fields bookmark, boolean dryRun) {
        if (!bookmark.has("to_change_id")) {
            return dryRun ? " would be deleted" : " is deleted";
        }
        if (dryRun && bookmark.flag("new_change")) {
            return " would get a new change";
        }
        return (dryRun ? " would be at " : " is now at ") + Table.id(bookmark.text("to_change_id"));
    }

    private static void printPaths(Invocation asked, Fields result) {
        result.objects("paths").forEach(path -> asked.out().println("  " + Table.path(path)));
    }

    private static void printSaved(Invocation asked, Fields result) {
        if (result.has("saved_change_id")) {
            asked.out().println("The edits are kept in " + Table.id(result.text("saved_change_id")));
        }
    }

    private static int positive(String text) {
        try {
            int value = Integer.parseInt(text);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new CommandException(ExitCode.USAGE, "This must be a number of at least 1: " + text);
    }

    static Verb operations() {
        return Verb.of("operations", "Lists what was done to a repository's bookmarks, newest first.")
                .argument("REPO", Verb.REPOSITORY)
                .option("-n,--limit", "N", "At most so many (default: 20).")
                .example("dogear operations app")
                .runs(asked -> {
                    List<Fields> operations =
                            some(asked, Invocation.repository(asked.argument(0), "/operations"), "operations");
                    if (asked.json()) {
                        return RepositoryVerbs.printAll(asked, "operations", operations);
                    }
                    for (Fields operation : operations) {
                        List<String> moves = new ArrayList<>();
                        for (Fields move : operation.objects("moves")) {
                            moves.add(move.text("bookmark") + " " + side(move, "from_change_id") + " -> "
                                    + side(move, "to_change_id"));
                        }
                        asked.out()
                                .println(operation.text("id") + "  " + operation.text("at") + "  "
                                        + operation.text("by") + "  " + operation.text("kind") + "  "
                                        + String.join(", ", moves));
                    }
                    return ExitCode.OK;
                });
    }

    private static String side(Fields move, String name) {
        return move.has(name) ? Table.id(move.text(name)) : "(none)";
    }

    /** As many entries of a list as {@code --limit} says. */
    static List<Fields> some(Invocation asked, String path, String field) throws IOException {
        String limit = asked.option("--limit");
        int left = limit == null ? 20 : positive(limit);
        List<Fields> all = new ArrayList<>();
        String cursor = "";
        do {
            Query query = new Query(path)
                    .with("limit", Integer.toString(Math.min(left, 100)))
                    .with("cursor", cursor.isEmpty() ? null : cursor);
            Fields page = JsonText.object(asked.get(query.toString()));
            all.addAll(page.objects(field));
            left -= page.objects(field).size();
            cursor = page.text("next_cursor");
        } while (left > 0 && !cursor.isEmpty());
        return all;
    }

    static Verb diff() {
        return Verb.of("diff", "Shows what differs between two states, or the edits of a bookmark, as a patch.")
                .argument("REPO[/BOOKMARK]", "A repository with BASE and HEAD, or a bookmark alone for its edits.")
                .optional("BASE", "A change id, the beginning of one, or a bookmark.")
                .optional("HEAD", "Likewise.")
                .flag("--stat", "Only the paths and how many lines of each differ.")
                .example("dogear diff app main session/1")
                .example("dogear diff app/session/1 | patch -p1 -d ../elsewhere")
                .runs(asked -> {
                    String path = diffPath(asked);
                    if (asked.json()) {
                        return asked.printJson(asked.get(path));
                    }
                    if (asked.flag("--stat")) {
                        return DiffStat.print(asked, JsonText.object(asked.get(path)));
                    }
                    Terminal.printPatch(asked, path);
                    return ExitCode.OK;
                });
    }

    private static String diffPath(Invocation asked) {
        String base = asked.optional(1);
        String head = asked.optional(2);
        if (base == null) {
            return Invocation.Target.parse(asked.argument(0)).path("/edits?diff=true");
        }
        if (head == null) {
            throw new CommandException(ExitCode.USAGE, "Name both sides: dogear diff REPO BASE HEAD");
        }
        return new Query(Invocation.repository(asked.argument(0), "/diff"))
                .with("base", base)
                .with("head", head)
                .toString();
    }
}

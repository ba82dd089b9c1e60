package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Graph;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Terminal;
import dev.dogear.control.cli.line.TimeSpan;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The history of a bookmark, searched; and of a file, line by line. */
final class LogVerbs {
    /** Options that leave changes out. */
    private static final List<String> LIMITS = List.of("--author", "--message", "--meta", "--since", "--until");

    private LogVerbs() {}

    static Verb log() {
        return Verb.of("log", "Lists the changes a bookmark is made of, newest first.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .further("PATH", "Only changes of these files and folders.")
                .option("-n,--limit", "N", "At most so many (default: 20).")
                .option("--author", "TEXT", "Only changes whose author's name or mail address has this in it.")
                .option("--message", "TEXT", "Only changes whose message has this in it.")
                .options("--meta", "KEY=VALUE", "Only changes with this metadata; can be given again.")
                .option("--since", "TIME", "Made then or later: 2026-01-31, a moment in ISO 8601, or 3h, 7d ago.")
                .option("--until", "TIME", "Made before that, likewise.")
                .example("dogear log app/session/1 -n 5")
                .example("dogear log app/main --meta run=42 --since 7d -- src/login.c")
                .runs(LogVerbs::runLog);
    }

    private static ExitCode runLog(Invocation asked) throws IOException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        Query query = new Query(Invocation.repository(target.repository(), "/log"))
                .with("revision", target.bookmark())
                .with("author", asked.option("--author"))
                .with("message", asked.option("--message"))
                .with("since", TimeSpan.moment(asked.option("--since")))
                .with("until", TimeSpan.moment(asked.option("--until")));
        Arguments.pairs("metadata", asked.options("--meta")).forEach((key, value) -> query.with("meta." + key, value));
        List<String> paths = asked.paths(1);
        query.with("paths", paths.isEmpty() ? null : String.join("\n", paths));
        List<Fields> changes = HistoryVerbs.some(asked, query.toString(), "changes");
        if (asked.json()) {
            return RepositoryVerbs.printAll(asked, "changes", changes);
        }
        boolean terminal = Terminal.isColoured(asked.settings());
        // Lines between changes mean that one follows the other, which is not so where some are left out.
        boolean whole = paths.isEmpty() && LIMITS.stream().noneMatch(asked::flag);
        Graph graph = new Graph();
        for (Fields change : changes) {
            String id = Table.id(change.text("id"));
            String text = (terminal ? Terminal.Colour.ID.of(id) : id) + "  " + change.text("created_at") + "  "
                    + change.object("author").text("name") + "  " + Table.subject(change.text("message"));
            if (terminal && whole) {
                graph.add(change.text("id"), change.texts("parents"), text).forEach(asked.out()::println);
            } else {
                asked.out().println(text);
            }
        }
        return ExitCode.OK;
    }

    static Verb annotate() {
        return Verb.of("annotate", "Shows which change each line of a file comes from, and its metadata.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .argument("PATH", "The file in it, as of the last checkpoint.")
                .example("dogear annotate app/main src/login.c")
                .runs(LogVerbs::runAnnotate);
    }

    private static ExitCode runAnnotate(Invocation asked) throws IOException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        Query query = new Query(Invocation.repository(target.repository(), "/annotate"))
                .with("revision", target.bookmark())
                .with("path", asked.argument(1));
        byte[] answer = asked.get(query.toString());
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields result = JsonText.object(answer);
        boolean terminal = Terminal.isColoured(asked.settings());
        Map<String, String> heads = new HashMap<>();
        int width = 0;
        for (Fields change : result.objects("changes")) {
            String head = change.text("created_at").substring(0, 10) + " "
                    + change.object("author").text("name") + " " + metadata(change);
            heads.put(change.text("id"), head.strip());
            width = Math.max(width, head.strip().length());
        }
        for (Fields line : result.objects("lines")) {
            String id = Table.id(line.text("change_id"));
            String head = heads.getOrDefault(line.text("change_id"), "");
            asked.out()
                    .println((terminal ? Terminal.Colour.ID.of(id) : id) + " " + head
                            + " ".repeat(width - head.length()) + " | " + line.text("text"));
        }
        if (!result.flag("complete")) {
            asked.err().println("dogear: The history is longer than was looked at: some lines are older.");
        }
        return ExitCode.OK;
    }

    private static String metadata(Fields change) {
        List<String> pairs = new ArrayList<>();
        change.object("metadata").map().forEach((key, value) -> pairs.add(key + "=" + value));
        return String.join(" ", pairs);
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import dev.dogear.control.cli.repair.Repairing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verbs that look after repositories: space, what was deleted. */
final class CareVerbs {
    private CareVerbs() {}

    static Verb gc() {
        return Verb.of(
                        "gc",
                        "Gives the space of what nobody can reach any more back to the host: of operations and abandoned"
                                + " changes that outlived their retention, of what was never published. The mount is in"
                                + " use meanwhile.")
                .argument("REPO", Verb.REPOSITORY)
                .flag("--dry-run", "Say what would be given back and change nothing.")
                .example("dogear gc app --dry-run")
                .runs(asked -> {
                    byte[] answer = LongWork.ask(
                            asked,
                            Invocation.repository(asked.argument(0), "/gc"),
                            Map.of("dry_run", asked.flag("--dry-run")));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields report = JsonText.object(answer);
                    asked.out()
                            .println((asked.flag("--dry-run") ? "Would give back " : "Gave back ")
                                    + LongWork.size(report.number("reclaimed_bytes"))
                                    + " of " + LongWork.size(report.number("bytes_before")) + ": "
                                    + report.text("operations") + " operations and " + report.text("changes")
                                    + " abandoned changes outlived their retention");
                    return ExitCode.OK;
                });
    }

    static Verb stats() {
        return Verb.of("stats", "Says what a repository takes of the disk and what a collection would give back.")
                .argument("REPO", Verb.REPOSITORY)
                .example("dogear stats app")
                .runs(asked -> {
                    byte[] answer = asked.get(Invocation.repository(asked.argument(0), "/stats"));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields stats = JsonText.object(answer);
                    Table table = new Table("WHAT", "HOW MUCH");
                    table.row("objects", LongWork.size(stats.number("objects_bytes")));
                    table.row("their content", LongWork.size(stats.number("content_bytes")));
                    table.row("small objects", LongWork.size(stats.number("small_stored_bytes")));
                    table.row("their content", LongWork.size(stats.number("small_bytes")));
                    table.row("dictionaries", LongWork.size(stats.number("dictionary_bytes")));
                    table.row("index", LongWork.size(stats.number("index_bytes")));
                    table.row("journal", LongWork.size(stats.number("journal_bytes")));
                    table.row("journal to be folded", LongWork.size(stats.number("unfolded_bytes")));
                    table.row("gc would give back", LongWork.size(stats.number("reclaimable_bytes")));
                    table.row("live objects", stats.text("live_objects"));
                    table.row("expired operations", stats.text("expired_operations"));
                    table.row("expired changes", stats.text("expired_changes"));
                    table.row("oldest reader", stats.text("oldest_reader_seconds") + " s");
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    static Verb restore() {
        return Verb.of("repo restore", "Brings a deleted repository back, edits included. See: repo list --deleted")
                .argument("NAME", "Its name, or its id if several of that name were deleted.")
                .option("--as", "NAME", "Another name, if there is a repository of that name now.")
                .example("dogear repo restore app --as app-old")
                .runs(asked -> {
                    Map<String, Object> body = new HashMap<>();
                    body.put("name", asked.argument(0));
                    asked.put(body, "as", "--as");
                    byte[] answer = asked.send("POST", "/v1/local/repos/restore", body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Restored " + JsonText.object(answer).text("name"));
                    return ExitCode.OK;
                });
    }

    static Verb check() {
        return Verb.of(
                        "check",
                        "Verifies everything stored: hashes, references, journal, tables. The daemon goes on. With --repair it"
                                + " must be down: what can be repaired is, what is lost is named, sound repositories stay as"
                                + " they are, and the damaged files are kept in a folder the report names.")
                .further("REPO", "With --repair: only these repositories.")
                .flag("--repair", "Repair what is damaged. Stop the daemon first: dogear down")
                .option("--data", "DIR", "With --repair: where everything is kept (also DOGEAR_DATA).")
                .example("dogear check")
                .example("dogear down; dogear check --repair app")
                .runs(asked -> asked.flag("--repair") ? repair(asked) : verify(asked));
    }

    private static ExitCode verify(Invocation asked) throws IOException {
        if (!asked.further(0).isEmpty() || asked.option("--data") != null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "A check looks at all repositories of the daemon; REPO and --data go with --repair.");
        }
        byte[] answer = LongWork.ask(asked, "/v1/local/check", Map.of());
        Fields report = JsonText.object(answer);
        List<String> problems = report.texts("problems");
        if (asked.json()) {
            asked.printJson(answer);
        } else {
            problems.forEach(problem -> asked.out().println(problem));
            asked.out()
                    .println((problems.isEmpty() ? "No problem" : problems.size() + " problems")
                            + " found in "
                            + report.text("objects") + " objects of " + report.text("repositories")
                            + " repositories");
        }
        return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static ExitCode repair(Invocation asked) throws IOException {
        byte[] answer;
        try (LongWork.Shown shown = LongWork.shown(asked)) {
            answer = JsonText.write(
                    Repairing.run(asked.settings().data(asked.option("--data")), asked.further(0), shown::at));
        }
        Fields report = JsonText.object(answer);
        if (asked.json()) {
            asked.printJson(answer);
        } else {
            report.objects("repositories").forEach(each -> print(asked, each));
        }
        boolean left = report.objects("repositories").stream()
                .anyMatch(each -> !each.texts("left").isEmpty());
        return left ? ExitCode.FAILED : ExitCode.OK;
    }

    private static void print(Invocation asked, Fields repository) {
        String name = repository.text("name");
        if (repository.texts("found").isEmpty()) {
            asked.out().println(name + ": sound, nothing done");
            return;
        }
        asked.out().println(name + ": " + repository.texts("found").size() + " problems found");
        repository.texts("done").forEach(each -> asked.out().println("  done: " + each));
        repository.texts("left").forEach(each -> asked.out().println("  left: " + each));
        if (repository.has("aside")) {
            asked.out().println("  The damaged files are kept in " + repository.text("aside"));
        }
    }

    /** What {@code repo list --deleted} shows. */
    static ExitCode listDeleted(Invocation asked) throws IOException {
        List<Fields> deleted = RepositoryVerbs.pages(asked, "/v1/local/repos/trash", "deleted");
        if (asked.json()) {
            return RepositoryVerbs.printAll(asked, "deleted", deleted);
        }
        Table table = new Table("NAME", "ID", "DELETED", "BY", "KEPT UNTIL");
        for (Fields each : deleted) {
            table.row(
                    each.text("name"),
                    each.text("id"),
                    each.text("deleted_at"),
                    each.text("deleted_by"),
                    each.has("kept_until") ? each.text("kept_until") : "for ever");
        }
        table.print(asked.out());
        return ExitCode.OK;
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verbs that join bookmarks, and those about what cannot be joined by itself. */
final class MergeVerbs {
    private MergeVerbs() {}

    static Verb merge() {
        return Verb.of(
                        "merge",
                        "Merges one bookmark into another. A merge with conflicts is refused, unless they may be stored.")
                .argument("REPO", Verb.REPOSITORY)
                .further("PATH", "Only these files and folders are merged; the source stays unmerged in the history.")
                .option("--into", "BOOKMARK", "The bookmark that gets the result.")
                .option("--from", "BOOKMARK", "The bookmark to merge.")
                .flag("--delete-source", "Delete the merged bookmark afterwards.")
                .flag("--allow-conflicted", "Store conflicts: text shows markers, `dogear conflicts` lists them.")
                .flag("--squash", "One change on top of the target, without the source's history.")
                .option("-m,--message", "TEXT", "Message of the merge (default: a generated one).")
                .flag("--dry-run", "Say what would change in the target, or conflict, and change nothing.")
                .example("dogear merge app --into main --from session/1 --delete-source")
                .example("dogear merge app --into main --from session/1 --dry-run -- src docs/a.md")
                .runs(MergeVerbs::runMerge);
    }

    private static ExitCode runMerge(Invocation asked) throws IOException {
        String into = required(asked, "--into");
        String from = required(asked, "--from");
        Map<String, Object> body =
                new HashMap<>(Map.of("target", into, "source", from, "delete_source", asked.flag("--delete-source")));
        body.put("allow_conflicted", asked.flag("--allow-conflicted"));
        body.put("squash", asked.flag("--squash"));
        body.put("dry_run", asked.flag("--dry-run"));
        body.put("paths", asked.paths(1));
        asked.put(body, "message", "--message");
        byte[] answer = asked.send("POST", Invocation.repository(asked.argument(0), "/bookmarks/merge"), body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields merged = JsonText.object(answer);
        boolean conflicted = merged.flag("is_conflicted");
        if (merged.text("merge_type").equals("no_op")) {
            asked.out().println("Nothing to merge from " + from + " into " + into);
        } else if (merged.flag("dry_run")) {
            asked.out()
                    .println(from + " would be merged into " + into
                            + (conflicted ? " with these conflicts:" : " without conflicts:"));
            printConflicts(asked, merged);
            merged.objects("paths").forEach(path -> asked.out().println("  " + Table.path(path)));
        } else {
            asked.out().println("Merged " + from + " into " + into + ": " + Table.id(merged.text("change_id")));
            if (conflicted) {
                asked.out().println("It has conflicts; see dogear conflicts " + asked.argument(0) + "/" + into);
            }
        }
        if (merged.flag("source_deleted")) {
            asked.out().println("Deleted " + from);
        }
        return ExitCode.OK;
    }

    private static String required(Invocation asked, String option) {
        String value = asked.option(option);
        if (value == null) {
            throw new CommandException(ExitCode.USAGE, "The option " + option + " BOOKMARK is missing.");
        }
        return value;
    }

    static Verb conflicts() {
        return Verb.of("conflicts", "Lists the paths of a bookmark or change that a merge left without an answer.")
                .argument("REPO/REVISION", "A bookmark as it is now, or a change, such as app/main or app/kxyzmnop.")
                .example("dogear conflicts app/main")
                .runs(asked -> {
                    Invocation.Target target = Invocation.Target.parse(asked.argument(0));
                    Query query = new Query(Invocation.repository(target.repository(), "/conflicts"))
                            .with("revision", target.bookmark());
                    byte[] answer = asked.get(query.toString());
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields found = JsonText.object(answer);
                    if (!found.flag("is_conflicted")) {
                        asked.out().println("No conflicts in " + target);
                    }
                    printConflicts(asked, found);
                    return ExitCode.OK;
                });
    }

    private static void printConflicts(Invocation asked, Fields answer) {
        for (Fields conflict : answer.objects("conflicts")) {
            asked.out().println("  C " + conflict.text("path") + ": " + conflict.text("kind"));
            for (String side : List.of("base", "target", "source")) {
                if (conflict.has(side)) {
                    Fields version = conflict.object(side);
                    asked.out()
                            .println("      " + side + " " + version.text("mode") + " "
                                    + (version.has("id") ? Table.id(version.text("id")) : "-") + " "
                                    + version.text("path"));
                }
            }
        }
    }

    static Verb resolve() {
        return Verb.of("resolve", "Answers a conflict by one of its sides or a file. Editing the path does it, too.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .argument("PATH", "The conflicted path.")
                .option(
                        "--take",
                        "ours|theirs|base",
                        "That side is the answer: the target's, the source's, or neither's.")
                .option("--file", "FILE", "The content of that file of the host is the answer.")
                .example("dogear resolve app/main src/login.c --take theirs")
                .runs(MergeVerbs::runResolve);
    }

    private static ExitCode runResolve(Invocation asked) throws IOException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        String take = asked.option("--take");
        String file = asked.option("--file");
        if ((take == null) == (file == null)) {
            throw new CommandException(ExitCode.USAGE, "Give either --take ours, theirs or base, or --file FILE.");
        }
        Map<String, Object> resolution = new HashMap<>(Map.of("path", asked.argument(1)));
        if (take != null) {
            resolution.put("take", take);
        } else {
            resolution.put("content", Base64.getEncoder().encodeToString(read(Path.of(String.valueOf(file)))));
        }
        byte[] answer = asked.send("POST", target.path("/resolve"), Map.of("resolutions", List.of(resolution)));
        if (asked.json()) {
            return asked.printJson(answer);
        }
        int left = JsonText.object(answer).objects("conflicts").size();
        asked.out().println("Resolved " + asked.argument(1) + " in " + target + "; conflicts left: " + left);
        return ExitCode.OK;
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new CommandException(ExitCode.USAGE, "There is no file " + file);
        }
    }

    static Verb overlaps() {
        return Verb.of("overlaps", "Says which other bookmarks' edits would conflict with those of a bookmark.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .example("dogear overlaps app/session/1")
                .runs(asked -> {
                    Invocation.Target target = Invocation.Target.parse(asked.argument(0));
                    byte[] answer = asked.get(target.path("/overlaps"));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    List<Fields> overlaps = JsonText.object(answer).objects("overlaps");
                    if (overlaps.isEmpty()) {
                        asked.out().println("No other bookmark would conflict with " + target);
                    }
                    printOverlaps(asked, overlaps);
                    return ExitCode.OK;
                });
    }

    private static void printOverlaps(Invocation asked, List<Fields> overlaps) {
        for (Fields overlap : overlaps) {
            asked.out().println(overlap.text("bookmark"));
            for (Fields conflict : overlap.objects("conflicts")) {
                asked.out().println("  C " + conflict.text("path") + ": " + conflict.text("kind"));
            }
        }
    }

    /** What is edited in one bookmark, and with whose edits that would conflict. */
    static ExitCode printStatus(Invocation asked, Invocation.Target target) throws IOException {
        byte[] answer = asked.get(target.path("/edits?overlaps=true"));
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields status = JsonText.object(answer);
        List<Fields> edits = status.objects("edits");
        asked.out().println(target + " at " + Table.id(status.text("change_id")) + ", edits: " + edits.size());
        for (Fields edit : edits) {
            asked.out().println("  " + Table.path(edit));
        }
        List<Fields> overlaps = status.objects("overlaps");
        if (!overlaps.isEmpty()) {
            asked.out().println("Would conflict with:");
            printOverlaps(asked, overlaps);
        }
        return ExitCode.OK;
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Terminal;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verbs that take something away for good. */
final class PurgeVerbs {
    private static final int PATHS_SHOWN = 20;
    private static final String YES = "Do it without asking.";

    private PurgeVerbs() {}

    static Verb purge() {
        return Verb.of(
                        "purge",
                        "Takes a leaked secret, files or a user's data out of a repository for good: out of every change,"
                                + " operation, open file, journal and table, and looks whether it is gone. Changes keep"
                                + " their ids and get other commits. No undo brings it back.")
                .argument("REPO", Verb.REPOSITORY)
                .options(
                        "--path",
                        "GLOB",
                        "Files and folders at that path in any state, from the root of the tree; * and ? within a name,"
                                + " ** for any number of names.")
                .options(
                        "--content",
                        "FILE|SHA",
                        "The bytes of a file, wherever they are: files that are nothing else go, in others and in messages"
                                + " they are overwritten by asterisks. Or a SHA-256: files of that content go.")
                .flag("--all", "The repository, with all it has, and not into the trash.")
                .flag("--dry-run", "Say what would go and change nothing.")
                .flag("--yes", YES)
                .example("dogear purge app --content leaked-key.txt --dry-run")
                .example("dogear purge app --path '**/.env' --path secrets/ --yes")
                .runs(PurgeVerbs::purge);
    }

    private static ExitCode purge(Invocation asked) throws IOException {
        List<String> contents = asked.options("--content");
        boolean some = !asked.options("--path").isEmpty() || !contents.isEmpty();
        if (some == asked.flag("--all")) {
            throw new CommandException(
                    ExitCode.USAGE, "Say what is to go: --path or --content, any number of them, or --all.");
        }
        if (asked.flag("--all")) {
            return all(asked);
        }
        Map<String, Object> body = new HashMap<>();
        body.put("paths", asked.options("--path"));
        List<String> bytes = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        for (String content : contents) {
            if (isFile(content)) {
                bytes.add(Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(content))));
            } else if (content.matches("[0-9a-fA-F]{64}")) {
                hashes.add(content);
            } else {
                throw new CommandException(
                        ExitCode.USAGE,
                        "Neither a file nor the 64 digits of a SHA-256: " + content
                                + ". A secret is not written on the command line, where others see it: put it in a file");
            }
        }
        body.put("contents", bytes);
        body.put("hashes", hashes);
        return ask(asked, asked.argument(0), body);
    }

    private static boolean isFile(String text) {
        try {
            return Files.isRegularFile(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    static Verb bookmark() {
        return Verb.of(
                        "bookmark purge",
                        "Forgets a deleted bookmark before its time: undo cannot bring it back, and what only it led to is"
                                + " gone.")
                .argument("REPO/BOOKMARK", "The deleted bookmark.")
                .flag("--dry-run", "Say what would go and change nothing.")
                .flag("--yes", YES)
                .example("dogear bookmark purge app/session/42 --yes")
                .runs(asked -> {
                    Invocation.Target target = Invocation.Target.parse(asked.argument(0));
                    Map<String, Object> body = new HashMap<>();
                    body.put("bookmarks", List.of(target.bookmark()));
                    return ask(asked, target.repository(), body);
                });
    }

    static Verb repository() {
        return Verb.of("repo purge", "Deletes a deleted repository for good before its time. See: repo list --deleted")
                .argument("NAME", "Its name, or its id if several of that name were deleted.")
                .flag("--yes", YES)
                .example("dogear repo purge scratch --yes")
                .runs(asked -> {
                    confirm(asked, "The deleted repository " + asked.argument(0) + " will be gone for good.");
                    byte[] answer = asked.send("POST", "/v1/local/repos/purge", Map.of("name", asked.argument(0)));
                    return gone(asked, answer);
                });
    }

    private static ExitCode all(Invocation asked) throws IOException {
        String name = asked.argument(0);
        Fields repository = JsonText.object(asked.get(Invocation.repository(name, "")));
        if (asked.flag("--dry-run")) {
            if (asked.json()) {
                return asked.printJson(JsonText.write(
                        Map.of("dry_run", true, "name", repository.text("name"), "id", repository.text("id"))));
            }
            asked.out().println("Would delete the repository " + name + " for good");
            return ExitCode.OK;
        }
        confirm(asked, "The repository " + name + ", with all it has, will be gone for good.");
        asked.send("DELETE", Invocation.repository(name, ""), Map.of());
        return gone(asked, asked.send("POST", "/v1/local/repos/purge", Map.of("name", repository.text("id"))));
    }

    private static ExitCode gone(Invocation asked, byte[] answer) {
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields gone = JsonText.object(answer);
        asked.out().println("Gone for good: " + gone.text("name") + " (" + gone.text("id") + ")");
        return ExitCode.OK;
    }

    private static ExitCode ask(Invocation asked, String repository, Map<String, Object> body) throws IOException {
        boolean dryRun = asked.flag("--dry-run");
        if (!dryRun) {
            confirm(asked, "What is purged cannot be brought back. (--dry-run says what it would be.)");
        }
        body.put("dry_run", dryRun);
        byte[] answer = LongWork.ask(asked, Invocation.repository(repository, "/purge"), body);
        Fields report = JsonText.object(answer);
        boolean clean = dryRun || report.object("proof").texts("left").isEmpty();
        if (asked.json()) {
            asked.printJson(answer);
        } else {
            show(asked, report, dryRun);
        }
        return clean ? ExitCode.OK : ExitCode.FAILED;
    }

    private static void show(Invocation asked, Fields report, boolean dryRun) {
        String would = dryRun ? "would be " : "";
        asked.out()
                .println(report.text("changes") + " changes " + would + "rewritten, "
                        + report.texts("removed").size() + " paths " + would + "removed, "
                        + report.texts("overwritten").size() + " paths " + would + "overwritten in"
                        + forgotten(report));
        paths(asked, "D", report.texts("removed"));
        paths(asked, "M", report.texts("overwritten"));
        List<String> elsewhere = report.texts("elsewhere");
        if (!elsewhere.isEmpty()) {
            asked.out().println("The same content is still at these paths, which were not named:");
            paths(asked, " ", elsewhere);
        }
        if (dryRun) {
            return;
        }
        Fields proof = report.object("proof");
        List<String> left = proof.texts("left");
        asked.out()
                .println("Looked through " + LongWork.size(proof.number("bytes")) + " of " + proof.text("files")
                        + " files, " + proof.text("objects") + " objects and " + proof.text("rows") + " rows: "
                        + (left.isEmpty() ? "nothing is left of it" : "this is left of it"));
        left.forEach(each -> asked.out().println("  " + each));
    }

    private static String forgotten(Fields report) {
        long forgotten = report.number("forgotten_commits");
        return forgotten == 0 ? "" : ", " + forgotten + " commits forgotten";
    }

    private static void paths(Invocation asked, String mark, List<String> paths) {
        paths.stream().limit(PATHS_SHOWN).forEach(path -> asked.out().println("  " + mark + " " + path));
        if (paths.size() > PATHS_SHOWN) {
            asked.out().println("  … and " + (paths.size() - PATHS_SHOWN) + " more; --json has them");
        }
    }

    /** @throws CommandException unless the user says yes, here or by an option */
    private static void confirm(Invocation asked, String what) throws IOException {
        if (asked.flag("--yes")) {
            return;
        }
        if (!Terminal.isInteractive()) {
            throw new CommandException(ExitCode.USAGE, what + " Say --yes to do it.");
        }
        if (!Terminal.agrees(asked.out(), what + " Go on?")) {
            throw new CommandException(ExitCode.FAILED, "Nothing was changed.");
        }
    }
}

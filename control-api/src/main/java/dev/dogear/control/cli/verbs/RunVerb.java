package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.PassedStatus;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a command in a bookmark's directory; what it wrote is a checkpoint when it ends. */
final class RunVerb {
    private RunVerb() {}

    static Verb run() {
        return Verb.of("run", "Runs a command in a bookmark's directory and checkpoints what it wrote.")
                .argument("REPO/BOOKMARK", Verb.BOOKMARK)
                .further("COMMAND", "The command and its arguments, after --. Its exit status is passed on.")
                .option("-m,--message", "TEXT", "The change's message (default: the command).")
                .options(
                        "--author",
                        "'NAME <MAIL>'",
                        "Who did it; can be given again (default: the key's name, else as git has it, else you).")
                .options("--meta", "KEY=VALUE", "Metadata, beside the command's exit status; can be given again.")
                .example("dogear run app/session/1 -- make test")
                .runs(RunVerb::runCommand);
    }

    private static ExitCode runCommand(Invocation asked) throws IOException, InterruptedException {
        Invocation.Target target = Invocation.Target.parse(asked.argument(0));
        List<String> command = asked.further(1);
        if (command.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "Name the command: dogear run " + target + " -- COMMAND");
        }
        asked.get(target.path(""));
        String mount = JsonText.object(asked.get("/v1/local/status")).text("mount");
        Path directory = Path.of(mount, target.repository(), target.bookmark());
        if (mount.isEmpty() || !Files.isDirectory(directory)) {
            throw new CommandException(ExitCode.FAILED, "The bookmark's directory is not there: " + directory);
        }
        int status = status(command, directory);
        Map<String, Object> body = AmendVerbs.described(asked);
        body.putIfAbsent("message", String.join(" ", command));
        AmendVerbs.addAuthor(asked, body);
        Map<String, Object> metadata = new LinkedHashMap<>();
        if (body.get("metadata") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> metadata.put(String.valueOf(key), value));
        }
        metadata.put("exit-status", Integer.toString(status));
        body.put("metadata", metadata);
        byte[] answer = asked.send("POST", target.path("/checkpoint"), body);
        if (asked.json()) {
            asked.printJson(answer);
        } else {
            // The output is the command's.
            Fields result = JsonText.object(answer);
            Fields change = result.object("change");
            asked.err()
                    .println(
                            result.flag("unchanged")
                                    ? "dogear: the command changed nothing"
                                    : "dogear: " + Table.id(change.text("id")) + " " + result.text("files") + " paths");
        }
        if (status != 0) {
            throw new PassedStatus(status);
        }
        return ExitCode.OK;
    }

    private static int status(List<String> command, Path directory) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new CommandException(ExitCode.FAILED, "The command cannot be run: " + e.getMessage());
        }
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.GitAuthor;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a change other content under the same id. */
final class AmendVerbs {
    private AmendVerbs() {}

    static Verb amend() {
        return Verb.of("amend", "Changes message, authors or metadata of a change; what follows it is rebased.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("CHANGE|BOOKMARK", "The change, the beginning of its id, or the bookmark that points at it.")
                .option("-m,--message", "TEXT", "The whole message anew, metadata included.")
                .options("--author", "'NAME <MAIL>'", "Who did it, instead of those named; can be given again.")
                .options("--meta", "KEY=VALUE", "Metadata to set; without a value, to remove. Can be given again.")
                .option("--expect", "COMMIT", "Only if this is the change's commit id still.")
                .example("dogear amend app main -m 'add login'")
                .example("dogear amend app kxryzm --meta run=8")
                .runs(AmendVerbs::runAmend);
    }

    private static ExitCode runAmend(Invocation asked) throws IOException {
        Map<String, Object> body = described(asked);
        if (body.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "Say what to amend: -m, --author or --meta; for edits: dogear checkpoint REPO/BOOKMARK --amend");
        }
        body.put("revision", asked.argument(1));
        asked.put(body, "base_commit_oid", "--expect");
        return send(asked, asked.argument(0), body);
    }

    /** The edits of a bookmark into its last change. */
    static ExitCode absorb(Invocation asked, Invocation.Target target) throws IOException {
        Map<String, Object> body = described(asked);
        body.put("absorb", target.bookmark());
        return send(asked, target.repository(), body);
    }

    private static ExitCode send(Invocation asked, String repository, Map<String, Object> body) throws IOException {
        byte[] answer = asked.send("POST", Invocation.repository(repository, "/amend"), body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields change = JsonText.object(answer);
        asked.out()
                .println(Table.id(change.text("id")) + " is now at commit "
                        + change.text("current_commit_oid").substring(0, 12) + ": "
                        + Table.subject(change.text("message")));
        return ExitCode.OK;
    }

    /** Message, authors and metadata, as far as they were given. */
    static Map<String, Object> described(Invocation asked) {
        Map<String, Object> body = new HashMap<>();
        asked.put(body, "message", "--message");
        List<Map<String, String>> authors =
                asked.options("--author").stream().map(AmendVerbs::author).toList();
        if (!authors.isEmpty()) {
            body.put("authors", authors);
        }
        Map<String, @Nullable String> metadata = Arguments.pairs("metadata", asked.options("--meta"));
        if (!metadata.isEmpty()) {
            body.put("metadata", metadata);
        }
        return body;
    }

    /** Whom git would name, for a daemon that is told of nobody else. */
    static void addAuthor(Invocation asked, Map<String, Object> body) {
        Map<String, String> author = GitAuthor.of(asked.settings());
        if (author != null && !body.containsKey("authors")) {
            body.put("default_author", author);
        }
    }

    private static Map<String, String> author(String text) {
        int open = text.lastIndexOf('<');
        if (open <= 0 || !text.endsWith(">")) {
            throw new CommandException(ExitCode.USAGE, "Write an author as 'Name <mail address>' instead of: " + text);
        }
        return Map.of("name", text.substring(0, open).strip(), "email", text.substring(open + 1, text.length() - 1));
    }
}

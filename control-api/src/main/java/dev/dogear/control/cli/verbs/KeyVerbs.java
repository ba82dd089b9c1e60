package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.TimeSpan;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Verbs about keys and about what was done with them. */
final class KeyVerbs {
    private static final String KEYS = "/v1/local/api-keys";

    private KeyVerbs() {}

    static Verb create() {
        return Verb.of(
                        "key create",
                        "Makes a key for an agent or program, with no more rights than it needs; shows it once.")
                .option("--scope", "read|write|admin", "What it may do (default: write).")
                .options("--repo", "REPO", "Only this repository; can be repeated (default: all).")
                .options(
                        "--bookmark",
                        "PATTERN",
                        "Change and see only such bookmarks; '*' is any text; can be repeated.")
                .options("--sees", "PATTERN", "With --bookmark: see such bookmarks besides; can be repeated.")
                .option(
                        "--expires",
                        "SPAN",
                        "How long it is good for, such as 12h or 7d (default: until it is revoked).")
                .option("--name", "NAME", "Who uses it: changes made with it are by that name.")
                .option("--email", "MAIL", "Their mail address, for changes made with it; kept as the tag email.")
                .example("dogear key create --scope write --repo app --bookmark session/42 --sees main --expires 7d")
                .runs(KeyVerbs::runCreate);
    }

    private static ExitCode runCreate(Invocation asked) throws IOException {
        Map<String, Object> body = new HashMap<>();
        String scope = asked.option("--scope");
        body.put("scopes", List.of(scope == null ? "write" : scope));
        if (!asked.options("--repo").isEmpty()) {
            List<String> ids = new ArrayList<>();
            for (String repository : asked.options("--repo")) {
                ids.add(JsonText.object(asked.get(Invocation.repository(repository, "")))
                        .text("id"));
            }
            body.put("repo_ids", ids);
        }
        if (!asked.options("--bookmark").isEmpty()) {
            body.put("bookmarks", asked.options("--bookmark"));
        }
        if (!asked.options("--sees").isEmpty()) {
            body.put("sees", asked.options("--sees"));
        }
        String expires = asked.option("--expires");
        if (expires != null) {
            body.put("expires_in_seconds", TimeSpan.of("--expires", expires).toSeconds());
        }
        asked.put(body, "name", "--name");
        String email = asked.option("--email");
        if (email != null) {
            body.put("tags", Map.of("email", email));
        }
        byte[] answer = asked.send("POST", KEYS, body);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields made = JsonText.object(answer);
        asked.out().println(made.text("key"));
        asked.err().println("This is the only time it is shown. Revoke it with: dogear key revoke " + made.text("id"));
        return ExitCode.OK;
    }

    static Verb list() {
        return Verb.of("key list", "Lists the keys, not the keys themselves: those are not kept.")
                .option("--status", "STATUS", "Only those that are active, revoked or expired (default: all).")
                .example("dogear key list --status active")
                .runs(asked -> {
                    Query query = new Query(KEYS).with("status", asked.option("--status"));
                    List<Fields> keys = RepositoryVerbs.pages(asked, query.toString(), "api_keys");
                    if (asked.json()) {
                        return RepositoryVerbs.printAll(asked, "api_keys", keys);
                    }
                    Table table = new Table("ID", "NAME", "SCOPES", "BOOKMARKS", "STATUS", "EXPIRES", "LAST USED");
                    for (Fields each : keys) {
                        table.row(
                                each.text("id"),
                                each.text("name"),
                                String.join(",", each.texts("scopes")),
                                each.has("bookmarks") ? String.join(",", each.texts("bookmarks")) : "(all)",
                                each.text("status"),
                                each.text("expires_at"),
                                each.text("last_used_at"));
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    static Verb revoke() {
        return Verb.of("key revoke", "Ends a key at once; what runs with it is cut off.")
                .argument("ID", "Its id, as listed.")
                .example("dogear key revoke 3f9a0c1d2b4e5f60")
                .runs(asked -> {
                    byte[] answer = asked.send("DELETE", KEYS + "/" + Invocation.segment(asked.argument(0)), Map.of());
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Revoked " + asked.argument(0));
                    return ExitCode.OK;
                });
    }

    static Verb audit() {
        return Verb.of("audit", "Says who asked for what: every call that changes something, and each diff shown.")
                .option("--repo", "REPO", "Only what is about this repository.")
                .option(
                        "--proposal",
                        "ID",
                        "With --repo: only what is about this proposal: who made, saw, accepted it.")
                .option("--since", "SPAN", "Only the last hours or days, such as 2h or 7d.")
                .example("dogear audit --repo app --since 1d")
                .example("dogear audit --repo app --proposal 3")
                .runs(asked -> {
                    String repository = asked.option("--repo");
                    String proposal = asked.option("--proposal");
                    String since = asked.option("--since");
                    if (proposal != null && repository == null) {
                        throw new CommandException(ExitCode.USAGE, "The option --proposal needs --repo REPO.");
                    }
                    Instant from = since == null ? null : Instant.now().minus(TimeSpan.of("--since", since));
                    Query query = new Query("/v1/local/audit")
                            .with("proposal", proposal)
                            .with("repo", repository)
                            .with("since", Objects.toString(from, null));
                    List<Fields> entries = RepositoryVerbs.pages(asked, query.toString(), "entries");
                    if (asked.json()) {
                        return RepositoryVerbs.printAll(asked, "entries", entries);
                    }
                    Table table = new Table("AT", "BY", "KEY", "WHAT", "STATUS", "MS");
                    for (Fields each : entries) {
                        table.row(
                                each.text("at"),
                                each.text("by"),
                                each.text("key_id"),
                                each.text("method") + " " + each.text("path"),
                                each.text("status"),
                                each.text("ms"));
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }
}

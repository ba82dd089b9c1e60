package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.TimeSpan;
import dev.dogear.control.cli.line.Verb;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Verbs that make, move, join and delete bookmarks. */
final class BookmarkVerbs {
    private static final String NAME = "Name of the bookmark.";
    private static final String LIFE = "expires_in_seconds";

    private BookmarkVerbs() {}

    static Verb create() {
        return Verb.of("bookmark create", "Makes a bookmark: a live directory of its own in the mount.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("NAME", "Name of the bookmark; parts are separated by '/'.")
                .option("--from", "REVISION", "A bookmark or change to begin at (default: the default bookmark).")
                .option("--expires", "SPAN", "Delete it after so long, such as 7d; undo brings it back.")
                .example("dogear bookmark create app session/1 --from main --expires 7d")
                .runs(asked -> {
                    String repository = asked.argument(0);
                    String from = asked.option("--from");
                    if (from == null) {
                        from = JsonText.object(asked.get(Invocation.repository(repository, "")))
                                .text("default_bookmark");
                    }
                    byte[] answer =
                            asked.send("POST", Invocation.repository(repository, "/bookmarks"), body(asked, from));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields made = JsonText.object(answer);
                    asked.out()
                            .println("Created " + repository + "/" + made.text("name") + " at "
                                    + Table.id(made.text("change_id")));
                    return ExitCode.OK;
                });
    }

    private static Map<String, Object> body(Invocation asked, String from) {
        Map<String, Object> body = new HashMap<>(Map.of("name", asked.argument(1), "from", from));
        String expires = asked.option("--expires");
        if (expires != null) {
            body.put(LIFE, TimeSpan.of("--expires", expires).toSeconds());
        }
        return body;
    }

    static Verb list() {
        return Verb.of("bookmark list", "Lists a repository's bookmarks with their edits since the last checkpoint.")
                .argument("REPO", Verb.REPOSITORY)
                .option("--glob", "PATTERN", "Only names that match; '*' is any text, '?' one character.")
                .option(
                        "--idle",
                        "SPAN",
                        "Only those without an edit or a change for so long, such as 7d; configured: as the setting bookmark.idle says.")
                .example("dogear bookmark list app --glob 'session/*'")
                .runs(asked -> {
                    Query query = new Query(Invocation.repository(asked.argument(0), "/bookmarks"))
                            .with("glob", asked.option("--glob"))
                            .with("idle", asked.option("--idle"));
                    List<Fields> bookmarks = RepositoryVerbs.pages(asked, query.toString(), "bookmarks");
                    if (asked.json()) {
                        return RepositoryVerbs.printAll(asked, "bookmarks", bookmarks);
                    }
                    Table table = new Table("NAME", "CHANGE", "EDITS", "UPDATED", "FROM", "EXPIRES");
                    for (Fields each : bookmarks) {
                        table.row(
                                each.text("name")
                                        + (each.flag("is_default") ? " *" : "")
                                        + (each.flag("protected") ? " (protected)" : ""),
                                Table.id(each.text("change_id")),
                                each.text("edits"),
                                each.text("updated_at"),
                                each.object("origin").has("bookmark")
                                        ? each.object("origin").text("bookmark")
                                        : Table.id(each.object("origin").text("change_id")),
                                each.text("expires_at"));
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    static Verb move() {
        return Verb.of("bookmark move", "Points a bookmark at another change. Edits are checkpointed first.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("NAME", NAME)
                .argument("CHANGE", "A change id, the beginning of one, or a bookmark.")
                .example("dogear bookmark move app session/1 kxyzmnop")
                .runs(asked -> {
                    Invocation.Target target = new Invocation.Target(asked.argument(0), asked.argument(1));
                    byte[] answer = asked.send("PATCH", target.path(""), Map.of("to", asked.argument(2)));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields moved = JsonText.object(answer);
                    asked.out()
                            .println("Moved " + target + " from " + Table.id(moved.text("from_change_id")) + " to "
                                    + Table.id(moved.text("change_id")));
                    return ExitCode.OK;
                });
    }

    static Verb delete() {
        return Verb.of("bookmark delete", "Deletes a bookmark. Its edits are checkpointed first; undo brings it back.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("NAME", NAME)
                .example("dogear bookmark delete app session/1")
                .runs(asked -> {
                    Invocation.Target target = new Invocation.Target(asked.argument(0), asked.argument(1));
                    byte[] answer = asked.send("DELETE", target.path(""), Map.of());
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Deleted " + target);
                    return ExitCode.OK;
                });
    }

    static Verb expire() {
        return Verb.of("bookmark expire", "Says after how long a bookmark is deleted; undo brings it back then.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("NAME", NAME)
                .argument("SPAN", "From now on, such as 12h or 7d; never: it stays.")
                .example("dogear bookmark expire app session/1 7d")
                .runs(asked -> {
                    Invocation.Target target = new Invocation.Target(asked.argument(0), asked.argument(1));
                    String span = asked.argument(2);
                    Map<String, @Nullable Long> body = new HashMap<>();
                    body.put(
                            LIFE,
                            span.equals("never")
                                    ? null
                                    : Long.valueOf(TimeSpan.of("SPAN", span).toSeconds()));
                    byte[] answer = asked.send("PATCH", target.path(""), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields kept = JsonText.object(answer);
                    asked.out()
                            .println(target
                                    + (kept.has("expires_at") ? " expires " + kept.text("expires_at") : " stays"));
                    return ExitCode.OK;
                });
    }

    static Verb protect() {
        return Verb.of(
                        "bookmark protect",
                        "Lets a bookmark move by merges alone: its directory takes no edits, and nobody moves or deletes it.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("NAME", NAME)
                .flag("--off", "End the protection.")
                .example("dogear bookmark protect app main")
                .runs(asked -> {
                    Invocation.Target target = new Invocation.Target(asked.argument(0), asked.argument(1));
                    boolean on = !asked.flag("--off");
                    byte[] answer = asked.send("POST", target.path("/protection"), Map.of("protected", on));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out()
                            .println(target + (on ? " is protected: it moves by merges alone" : " is not protected"));
                    return ExitCode.OK;
                });
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Verbs about whole repositories. */
final class RepositoryVerbs {
    private RepositoryVerbs() {}

    static Verb create() {
        return Verb.of("repo create", "Makes a repository with an empty bookmark main, live in the mount at once.")
                .argument("NAME", "1 to 100 characters of a-z, 0-9, '-', '_', '.'.")
                .example("dogear repo create app")
                .runs(asked -> {
                    byte[] answer = asked.send("POST", "/v1/local/repos", Map.of("name", asked.argument(0)));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields made = JsonText.object(answer);
                    asked.out()
                            .println(
                                    "Created " + made.text("name") + " with bookmark " + made.text("default_bookmark"));
                    return ExitCode.OK;
                });
    }

    static Verb list() {
        return Verb.of("repo list", "Lists the repositories.")
                .flag("--deleted", "List deleted ones that can be restored.")
                .example("dogear repo list --json | jq -r '.repos[].name'")
                .runs(asked -> {
                    if (asked.flag("--deleted")) {
                        return CareVerbs.listDeleted(asked);
                    }
                    List<Fields> repositories = pages(asked, "/v1/local/repos", "repos");
                    if (asked.json()) {
                        return printAll(asked, "repos", repositories);
                    }
                    Table table = new Table("NAME", "DEFAULT", "HEAD");
                    for (Fields each : repositories) {
                        table.row(
                                each.text("name"),
                                each.text("default_bookmark"),
                                Table.id(each.text("head_change_id")));
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    static Verb rename() {
        return Verb.of("repo rename", "Gives a repository another name; its directory has it at once, open files stay.")
                .argument("NAME", Verb.REPOSITORY)
                .argument("NEW", "Its name from now on.")
                .example("dogear repo rename app shop")
                .runs(asked -> {
                    byte[] answer = asked.send(
                            "PATCH", Invocation.repository(asked.argument(0), ""), Map.of("name", asked.argument(1)));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out()
                            .println("Renamed " + asked.argument(0) + " to "
                                    + JsonText.object(answer).text("name"));
                    return ExitCode.OK;
                });
    }

    static Verb tag() {
        return Verb.of("repo tag", "Shows what was written on a repository, or writes on it.")
                .argument("NAME", Verb.REPOSITORY)
                .further("KEY=VALUE", "Tags to be set.")
                .options("--remove", "KEY", "Take a tag off; can be given again.")
                .example("dogear repo tag app team=web --remove tier")
                .runs(asked -> {
                    Map<String, @Nullable String> tags = Arguments.pairs("tags", asked.further(1));
                    asked.options("--remove").forEach(key -> tags.put(key, null));
                    String path = Invocation.repository(asked.argument(0), "");
                    byte[] answer = tags.isEmpty() ? asked.get(path) : asked.send("PATCH", path, Map.of("tags", tags));
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    JsonText.object(answer).object("tags").map().forEach((key, value) -> asked.out()
                            .println(key + "=" + value));
                    return ExitCode.OK;
                });
    }

    static Verb delete() {
        return Verb.of(
                        "repo delete",
                        "Deletes a repository with all its bookmarks and history. repo restore brings it back, for a while.")
                .argument("NAME", Verb.REPOSITORY)
                .example("dogear repo delete scratch")
                .runs(asked -> {
                    byte[] answer = asked.send("DELETE", Invocation.repository(asked.argument(0), ""), Map.of());
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Deleted " + asked.argument(0));
                    return ExitCode.OK;
                });
    }

    /** All entries of a list, asked for page by page. */
    static List<Fields> pages(Invocation asked, String path, String field) throws IOException {
        List<Fields> all = new ArrayList<>();
        String cursor = "";
        do {
            Query query = new Query(path).with("limit", "100").with("cursor", cursor.isEmpty() ? null : cursor);
            Fields page = JsonText.object(asked.get(query.toString()));
            all.addAll(page.objects(field));
            cursor = page.text("next_cursor");
        } while (!cursor.isEmpty());
        return all;
    }

    /** All entries as one JSON page. */
    static ExitCode printAll(Invocation asked, String field, List<Fields> entries) {
        List<Map<?, ?>> maps = entries.stream().<Map<?, ?>>map(Fields::map).toList();
        return asked.printJson(JsonText.write(Map.of(field, maps)));
    }
}

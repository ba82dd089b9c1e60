package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Arguments;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of a repository or of the daemon. */
final class ConfigVerb {
    private ConfigVerb() {}

    static Verb config() {
        return Verb.of("config", "Shows or changes what a repository, or the daemon, allows, asks for and keeps.")
                .optional("REPO", "Name of the repository; left out, the settings are those of the daemon.")
                .further("KEY=VALUE", "Settings to be changed, all of them or, if one cannot be, none.")
                .options("--unset", "KEY", "Take a setting back to its default; can be given again.")
                .flag("--explain", "Say of each setting what it does and how its values are written.")
                .example("dogear config app")
                .example("dogear config app retention=90d 'bookmark.clean-up=session/*' --unset bookmark.idle")
                .example("dogear config repositories=100")
                .runs(ConfigVerb::run);
    }

    private static ExitCode run(Invocation asked) throws IOException {
        String first = asked.optional(0);
        boolean ofDaemon = first == null || first.contains("=");
        String path = ofDaemon ? "/v1/local/config" : Invocation.repository(asked.argument(0), "/config");
        Map<String, @Nullable String> changes = Arguments.pairs("settings", asked.further(ofDaemon ? 0 : 1));
        asked.options("--unset").forEach(key -> changes.put(key, null));
        byte[] answer = changes.isEmpty() ? asked.get(path) : asked.send("PATCH", path, changes);
        if (asked.json()) {
            return asked.printJson(answer);
        }
        print(asked, JsonText.object(answer).object("settings"));
        return ExitCode.OK;
    }

    private static void print(Invocation asked, Fields settings) {
        boolean explained = asked.flag("--explain");
        Table table = explained ? new Table("SETTING", "VALUE", "WHAT") : new Table("SETTING", "VALUE", "");
        for (Object key : settings.map().keySet()) {
            Fields setting = settings.object(key.toString());
            String value = setting.text("value").replace("\n", "|");
            String said = setting.flag("is_set") ? "(default: " + setting.text("default") + ")" : "";
            table.row(
                    key.toString(),
                    value,
                    explained ? setting.text("description") + ": " + setting.text("form") : said);
        }
        table.print(asked.out());
    }
}

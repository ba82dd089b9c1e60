package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.util.HashMap;
import java.util.Map;

/** Import and export: whole trees in and out, with a word on how far it has come. */
final class TransferVerbs {
    private TransferVerbs() {}

    static Verb importTree() {
        return Verb.of("import", "Makes a change of a directory or tar archive; its tree replaces the bookmark's.")
                .argument("REPO", Verb.REPOSITORY)
                .argument("PATH", "A directory, or a file ending in .tar, .tar.gz or .tgz.")
                .option("--bookmark", "NAME", "The bookmark it goes to (default: the default bookmark).")
                .option("-m,--message", "TEXT", "Message of the change.")
                .example("dogear import app ~/src/app --bookmark main")
                .runs(asked -> {
                    Map<String, Object> body = new HashMap<>();
                    body.put("path", asked.hostPath(1));
                    asked.put(body, "bookmark", "--bookmark");
                    asked.put(body, "message", "--message");
                    byte[] answer = LongWork.ask(asked, Invocation.repository(asked.argument(0), "/import"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields result = JsonText.object(answer);
                    asked.out()
                            .println("Imported " + result.text("files") + " paths, " + result.text("bytes")
                                    + " bytes: "
                                    + Table.id(result.object("change").text("id")));
                    return ExitCode.OK;
                });
    }

    static Verb exportTree() {
        return Verb.of(
                        "export",
                        "Writes a bookmark as it is now, edits included, or a change, to a directory or archive.")
                .argument("REPO/BOOKMARK|REPO/@CHANGE", "What to write.")
                .argument("PATH", "A new or empty directory, or a file ending in .tar, .tar.gz or .tgz.")
                .example("dogear export app/main /tmp/app.tar.gz")
                .example("dogear export app/@kxyzmnop /tmp/app")
                .runs(asked -> {
                    Invocation.Target target = Invocation.Target.parse(asked.argument(0));
                    boolean change = target.bookmark().startsWith("@");
                    Map<String, Object> body = Map.of(
                            "path",
                            asked.hostPath(1),
                            change ? "revision" : "bookmark",
                            change ? target.bookmark().substring(1) : target.bookmark());
                    byte[] answer = LongWork.ask(asked, Invocation.repository(target.repository(), "/export"), body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Exported " + target + " to " + asked.argument(1));
                    return ExitCode.OK;
                });
    }

    static Verb backup() {
        return Verb.of(
                        "backup",
                        "Writes repositories to a folder, each as it is at one moment, edits included, while programs go on."
                                + " A second one into the same folder writes what is new; one that was cut off is gone on"
                                + " with, and until it is through the one before counts.")
                .argument("DIR", "A new or empty folder, or one with an earlier backup; better on another disk.")
                .further("REPO", "Names of repositories (default: all).")
                .example("dogear backup /mnt/disk/dogear")
                .example("dogear backup /mnt/disk/dogear app shop")
                .runs(asked -> {
                    Map<String, Object> body = new HashMap<>();
                    body.put("path", asked.hostPath(0));
                    body.put("repos", asked.further(1));
                    byte[] answer = LongWork.ask(asked, "/v1/local/backup", body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields report = JsonText.object(answer);
                    asked.out()
                            .println("Backed up " + report.text("repositories") + " repositories: "
                                    + LongWork.size(report.number("new_bytes")) + " written of "
                                    + LongWork.size(report.number("bytes")));
                    return ExitCode.OK;
                });
    }

    static Verb restore() {
        return Verb.of(
                        "restore",
                        "Makes repositories of a backup, with their history, bookmarks and edits. Every file is verified before"
                                + " the first is made.")
                .argument("DIR", "A folder that backup has written.")
                .option("--repo", "NAME", "Only this repository, by its name or id (default: all that are in it).")
                .option("--as", "NAME", "Another name for it, if there is a repository of that name.")
                .example("dogear restore /mnt/disk/dogear")
                .example("dogear restore /mnt/disk/dogear --repo app --as app-yesterday")
                .runs(asked -> {
                    Map<String, Object> body = new HashMap<>();
                    body.put("path", asked.hostPath(0));
                    asked.put(body, "repo", "--repo");
                    asked.put(body, "as", "--as");
                    byte[] answer = LongWork.ask(asked, "/v1/local/restore", body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out()
                            .println("Restored "
                                    + String.join(", ", JsonText.object(answer).texts("repos")));
                    return ExitCode.OK;
                });
    }
}

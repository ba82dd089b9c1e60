package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.Query;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.util.HashMap;
import java.util.Map;

/** Verbs about volumes: directories elsewhere that show a repository or one bookmark of it. */
final class MountVerbs {
    private MountVerbs() {}

    static Verb mount() {
        return Verb.of("mount", "Shows a repository, or one bookmark's root, at a directory: a volume.")
                .argument("REPO[/BOOKMARK]", "What to show.")
                .argument("DIR", "An empty directory, made if it is not there.")
                .flag("--read-only", "Refuse writes through this volume.")
                .example("dogear mount app/session/1 /srv/agent-1")
                .runs(asked -> {
                    String what = asked.argument(0);
                    Map<String, Object> body = new HashMap<>();
                    if (what.contains("/")) {
                        Invocation.Target target = Invocation.Target.parse(what);
                        body.put("repo", target.repository());
                        body.put("bookmark", target.bookmark());
                    } else {
                        body.put("repo", what);
                    }
                    body.put("path", asked.hostPath(1));
                    body.put("read_only", asked.flag("--read-only"));
                    byte[] answer = asked.send("POST", "/v1/local/mounts", body);
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out()
                            .println("Mounted " + what + " at "
                                    + JsonText.object(answer).text("path"));
                    return ExitCode.OK;
                });
    }

    static Verb mounts() {
        return Verb.of("mounts", "Lists the main mount and the volumes.")
                .example("dogear mounts")
                .runs(asked -> {
                    byte[] answer = asked.get("/v1/local/mounts");
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    Fields all = JsonText.object(answer);
                    Table table = new Table("PATH", "SHOWS", "MODE");
                    if (all.has("mount")) {
                        table.row(all.text("mount"), "(everything)", "rw");
                    }
                    for (Fields volume : all.objects("mounts")) {
                        String bookmark = volume.has("bookmark") ? "/" + volume.text("bookmark") : "";
                        table.row(
                                volume.text("path"),
                                volume.text("repo") + bookmark,
                                volume.flag("read_only") ? "ro" : "rw");
                    }
                    table.print(asked.out());
                    return ExitCode.OK;
                });
    }

    static Verb unmount() {
        return Verb.of("umount", "Ends a volume. Nothing of what was written is lost.")
                .argument("DIR", "Where the volume is shown.")
                .example("dogear umount /srv/agent-1")
                .runs(asked -> {
                    String path = asked.hostPath(0);
                    Query query = new Query("/v1/local/mounts").with("path", path);
                    byte[] answer = asked.send("DELETE", query.toString(), Map.of());
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Unmounted " + path);
                    return ExitCode.OK;
                });
    }
}

package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.JsonText;
import dev.dogear.control.cli.line.JsonText.Fields;
import dev.dogear.control.cli.line.SocketClient;
import dev.dogear.control.cli.line.Table;
import dev.dogear.control.cli.line.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Verbs about the daemon itself. */
final class DaemonVerbs {
    private static final long STOP_SECONDS_MAX = 60;
    private static final long POLL_MS = 20;

    private DaemonVerbs() {}

    static Verb up() {
        return Verb.of("up", "Starts the daemon and mounts the store. Says where when all is ready.")
                .option("--data", "DIR", "Where everything is kept (also DOGEAR_DATA).")
                .option("--mount", "DIR", "Where it is shown; made if it is not there (also DOGEAR_MOUNT).")
                .option("--socket", "PATH", "Where it answers, in a folder of mode 0700 (also DOGEAR_SOCKET).")
                .flag("--allow-other", "Let other users in, as permissions of files allow.")
                .option(
                        "--transport",
                        "NAME",
                        "How the kernel is spoken to: auto, kernel, io-uring (which loses requests in flight if the daemon dies), or jnr-fuse through libfuse 2.")
                .option(
                        "--protocol",
                        "VERSION",
                        "The highest FUSE protocol to speak, such as 7.31: plays an older kernel.")
                .option(
                        "--listen",
                        "HOST:PORT",
                        "Answer callers with a key here besides, on the loopback interface: 127.0.0.1:8080; port 0 for any.")
                .flag("--suid", "Let set-id bits work in the mount; root only.")
                .flag("--dev", "Let device nodes work in the mount; root only.")
                .flag("--foreground", "Stay in this terminal, without a keeper; end with Ctrl-C.")
                .example("dogear up --mount ~/dogear")
                .runs(DaemonVerbs::runUp);
    }

    private static ExitCode runUp(Invocation asked) throws IOException, InterruptedException {
        Path data = asked.settings().data(asked.option("--data"));
        Path mount = asked.settings().mount(asked.option("--mount"));
        List<String> arguments = new ArrayList<>(List.of(
                "--data",
                data.toString(),
                "--mount",
                mount.toString(),
                "--socket",
                asked.socket().toString()));
        if (asked.flag("--allow-other")) {
            arguments.add("--allow-other");
        }
        addWay(asked, arguments);
        if (asked.flag("--foreground")) {
            dev.dogear.control.daemon.Daemon.main(arguments.toArray(String[]::new));
            return ExitCode.OK;
        }
        if (isRunning(asked)) {
            Fields running = JsonText.object(asked.get("/v1/local/status"));
            boolean same = running.text("data").equals(data.toString())
                    && running.text("mount").equals(mount.toString());
            if (!same) {
                throw new CommandException(
                        ExitCode.CONFLICT,
                        "A daemon (pid " + running.text("pid") + ") answers at " + asked.socket() + ", for data "
                                + running.text("data") + " mounted at " + running.text("mount")
                                + ".\nStop it with: dogear down (or choose another --socket)");
            }
        } else {
            new Launcher(data, asked.client()).start(arguments);
        }
        return printStatus(asked, false);
    }

    private static void addWay(Invocation asked, List<String> arguments) {
        for (String flag : List.of("--suid", "--dev")) {
            if (asked.flag(flag)) {
                arguments.add(flag);
            }
        }
        for (String option : List.of("--transport", "--protocol", "--listen")) {
            String value = asked.option(option);
            if (value != null) {
                arguments.addAll(List.of(option, value));
            }
        }
    }

    private static boolean isRunning(Invocation asked) throws IOException {
        try (SocketClient.Reply reply = asked.client().send("GET", "/healthz", new byte[0], Invocation.JSON)) {
            return reply.status() == 200;
        } catch (IOException | CommandException e) {
            return false;
        }
    }

    static Verb down() {
        return Verb.of("down", "Unmounts the store and stops the daemon. Edits stay, checkpointed or not.")
                .example("dogear down")
                .runs(asked -> {
                    byte[] answer = asked.send("POST", "/v1/local/shutdown", Map.of());
                    long pid = JsonText.object(answer).number("pid");
                    for (String process : List.of("pid", "keeper")) {
                        ProcessHandle.of(JsonText.object(answer).number(process))
                                .ifPresent(daemon -> awaitEnd(asked, daemon));
                    }
                    if (asked.json()) {
                        return asked.printJson(answer);
                    }
                    asked.out().println("Stopped (pid " + pid + ")");
                    return ExitCode.OK;
                });
    }

    static Verb upgrade() {
        return Verb.of(
                        "upgrade",
                        "Replaces the running daemon by the one installed now. Programs in the mount wait and go on.")
                .example("dogear upgrade")
                .runs(DaemonVerbs::runUpgrade);
    }

    private static ExitCode runUpgrade(Invocation asked) throws IOException, InterruptedException {
        Fields status = JsonText.object(asked.get("/v1/local/status"));
        Path data = Path.of(status.text("data"));
        Path file = Launcher.commandFile(data);
        List<String> command =
                Launcher.upgraded(data, List.of("--data", data.toString(), "--socket", status.text("socket")));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, command);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        long before = JsonText.object(asked.send("POST", "/v1/local/restart", Map.of()))
                .number("epoch");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS_MAX);
        while (System.nanoTime() < deadline) {
            Thread.sleep(POLL_MS);
            if (epoch(asked) > before) {
                if (!Files.exists(file)) {
                    throw new CommandException(
                            ExitCode.FAILED,
                            "The daemon that is installed now does not start; the one before it goes on. Why is in "
                                    + file.resolveSibling("daemon.out") + "; mend it and run dogear upgrade again.");
                }
                return printStatus(asked, false);
            }
        }
        throw new CommandException(
                ExitCode.FAILED, "The new daemon does not answer after " + STOP_SECONDS_MAX + " s; see its log.");
    }

    /** Which daemon of its mount answers; 0 if none does just now. */
    private static long epoch(Invocation asked) {
        try {
            Fields now = JsonText.object(asked.get("/v1/local/status"));
            return now.object("keeper").number("epoch");
        } catch (IOException | CommandException e) {
            return 0;
        }
    }

    private static void awaitEnd(Invocation asked, ProcessHandle daemon) {
        try {
            daemon.onExit().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "The daemon (pid " + daemon.pid() + ") at " + asked.socket() + " has not ended after "
                            + STOP_SECONDS_MAX + " s; a program may still use the mount.");
        }
    }

    static Verb status() {
        return Verb.of("status", "Says whether the daemon runs, where its mount is, and what is edited.")
                .optional(
                        "REPO/BOOKMARK", "Say which paths are edited there, and with whose edits they would conflict.")
                .example("dogear status --json | jq -r .mount")
                .example("dogear status app/session/1")
                .runs(asked -> {
                    String bookmark = asked.optional(0);
                    return bookmark == null
                            ? printStatus(asked, true)
                            : MergeVerbs.printStatus(asked, Invocation.Target.parse(bookmark));
                });
    }

    private static ExitCode printStatus(Invocation asked, boolean withBookmarks) throws IOException {
        byte[] answer = asked.get("/v1/local/status");
        if (asked.json()) {
            return asked.printJson(answer);
        }
        Fields status = JsonText.object(answer);
        asked.out().println("Dogear " + status.text("version") + " runs (pid " + status.text("pid") + ")");
        for (String each : List.of("mount", "socket", "listen", "data", "log", "transport", "protocol")) {
            if (!status.text(each).isEmpty()) {
                asked.out().println("  " + each + " ".repeat(11 - each.length()) + status.text(each));
            }
        }
        if (!status.text("why_not_better").isEmpty()) {
            asked.out().println("  not better " + status.text("why_not_better"));
        }
        if (!status.texts("without").isEmpty()) {
            asked.out().println("  without    " + String.join(", ", status.texts("without")));
        }
        for (Fields volume : status.objects("volumes")) {
            asked.out().println("  volume     " + volume.text("path"));
        }
        if (withBookmarks) {
            printBookmarks(asked, status);
        }
        return ExitCode.OK;
    }

    private static void printBookmarks(Invocation asked, Fields status) {
        Table table = new Table("BOOKMARK", "CHANGE", "EDITS");
        for (Fields repository : status.objects("repositories")) {
            for (Fields bookmark : repository.objects("bookmarks")) {
                table.row(
                        repository.text("name") + "/" + bookmark.text("name"),
                        Table.id(bookmark.text("change_id")),
                        bookmark.text("edits"));
            }
        }
        if (status.objects("repositories").isEmpty()) {
            asked.out().println("No repository yet. Make one with: dogear repo create NAME");
        } else {
            table.print(asked.out());
        }
        for (Fields repository : status.objects("repositories")) {
            if (repository.has("read_only")) {
                asked.out().println(repository.text("name") + " is read-only: " + repository.text("read_only"));
            }
        }
    }
}

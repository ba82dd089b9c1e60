package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A daemon of its own process on a data folder of its own, with its mount. {@link #close()} verifies the store, ends the
 * daemon and fails if anything is left of it. A watchdog aborts the connection with the kernel when the test neither asks
 * the daemon nor runs a command for too long: whatever hangs in the mount then fails.
 */
final class RunningDogear implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long START_SECONDS_MAX = 60;
    private static final long STOP_SECONDS_MAX = 40;
    private static final long SILENCE_SECONDS_MAX = Long.getLong("dogear.silence.seconds", 240);
    private static final int LOG_LINES_SHOWN = 60;

    /** A stuck daemon is found out sooner than usual. */
    private static final String KEEPER_OPTIONS = "-Ddogear.heartbeat.seconds=10";

    /** Runs the words after the first on a terminal, types the first one when it is asked, and ends as they do. */
    private static final String TERMINAL = """
            import os, pty, sys
            pid, terminal = pty.fork()
            if pid == 0:
                os.environ["TERM"] = "xterm"
                os.execvp(sys.argv[2], sys.argv[2:])
            shown, typed = b"", False
            while True:
                try:
                    piece = os.read(terminal, 65536)
                except OSError:
                    break
                shown += piece
                if not piece:
                    break
                if not typed and b"[y/N] " in shown:
                    os.write(terminal, sys.argv[1].encode() + b"\\n")
                    typed = True
            sys.stdout.buffer.write(shown)
            sys.stdout.flush()
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;

    private final Path folder;
    private final List<String> options;
    private final Account account;
    private final Thread watchdog = new Thread(this::watch, "watchdog");
    private volatile long lastSign = System.nanoTime();
    private final Keeping keeping;
    private final List<ProcessHandle> managers = new ArrayList<>();
    private volatile ProcessHandle daemon;

    /** Who keeps the mount when the daemon dies. */
    private enum Keeping {
        NOBODY,
        KEEPER,
        SERVICE_MANAGER
    }

    private RunningDogear(Path folder, Account account, Keeping keeping, List<String> options) throws IOException {
        this.folder = folder;
        this.account = account;
        this.keeping = keeping;
        this.options = options;
        this.daemon = launch();
    }

    /**
     * Starts a daemon and waits until it answers.
     *
     * @param folder where data, mount and socket are
     * @param upOptions more options of {@code dogear up}
     */
    static RunningDogear start(Path folder, String... upOptions) {
        return start(folder, Account.own(), Keeping.NOBODY, upOptions);
    }

    /** The same with a keeper, in the background. */
    static RunningDogear startKept(Path folder, String... upOptions) {
        return start(folder, Account.own(), Keeping.KEEPER, upOptions);
    }

    /** The same for another account, whose the folder is then; commands run as that account too. */
    static RunningDogear startFor(Account account, Path folder, String... upOptions) {
        return start(folder, account, Keeping.KEEPER, upOptions);
    }

    /** The same as a service of a stand-in for systemd, which speaks its protocol. */
    static RunningDogear startService(Path folder) {
        return start(folder, Account.own(), Keeping.SERVICE_MANAGER);
    }

    private static RunningDogear start(Path folder, Account account, Keeping keeping, String... upOptions) {
        try {
            Path real = folder.toRealPath();
            Files.createDirectories(
                    real.resolve("run"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            account.take(real);
            RunningDogear running = new RunningDogear(real, account, keeping, List.of(upOptions));
            running.awaitReady();
            running.watchdog.setDaemon(true);
            running.watchdog.start();
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path mount() {
        return folder.resolve("mount");
    }

    Path data() {
        return folder.resolve("data");
    }

    Path socket() {
        return folder.resolve("run/socket");
    }

    long pid() {
        return daemon.pid();
    }

    /** Runs the command line, in a JVM of its own; fails the test unless it ends well. */
    String cli(String... args) {
        CliResult result = tryCli(args);
        if (result.exit() != 0) {
            throw new AssertionError("dogear " + String.join(" ", args) + ": " + result.describe() + logTail());
        }
        return result.out();
    }

    CliResult tryCli(String... args) {
        // A short life: no time for the second compiler.
        List<String> words = java("-XX:TieredStopAtLevel=1", Installation.own().commandArchive());
        words.addAll(List.of(args));
        return watched(Command.of(account.as(words)).with("DOGEAR_SOCKET", socket().toString()))
                .tryRun();
    }

    /**
     * The command line on a terminal, where {@code typed} is the answer to its question.
     *
     * @return what the terminal shows
     */
    CliResult tryCliOnTerminal(String typed, String... args) {
        List<String> words = new ArrayList<>(List.of("python3", "-c", TERMINAL, typed));
        words.addAll(java("-XX:TieredStopAtLevel=1"));
        words.addAll(List.of(args));
        return watched(Command.of(account.as(words)).with("DOGEAR_SOCKET", socket().toString()))
                .tryRun();
    }

    /** A command that is let go when it hangs in the mount. */
    Command command(String... words) {
        return watched(Command.of(account.as(List.of(words))));
    }

    private Command watched(Command command) {
        lastSign = System.nanoTime();
        return command.onHang(this::abort);
    }

    /** Asks over the socket; fails the test on an error answer. */
    JsonNode call(String method, String route, @Nullable Object body) {
        UnixHttp.Answer answer = tryCall(method, route, body);
        if (answer.status() >= 400) {
            throw new AssertionError(method + " " + route + " gave " + answer.status() + ": "
                    + new String(answer.body(), UTF_8) + "\n" + logTail());
        }
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    UnixHttp.Answer tryCall(String method, String route, @Nullable Object body) {
        lastSign = System.nanoTime();
        try {
            return UnixHttp.send(socket(), method, route, body == null ? new byte[0] : JSON.writeValueAsBytes(body));
        } catch (IOException e) {
            throw new AssertionError(method + " " + route + ": " + e + "\n" + logTail(), e);
        }
    }

    /** The death no process can prepare for. */
    void kill9() {
        List<ProcessHandle> children = daemon.descendants().toList();
        daemon.destroyForcibly();
        awaitEnd(daemon);
        // The helper ends by itself when its daemon is gone.
        children.forEach(this::awaitEnd);
    }

    /** Starts again on the same data, ended or killed or still running. */
    void restart() {
        lastSign = System.nanoTime();
        if (daemon.isAlive()) {
            cli("down");
            awaitEnd(daemon);
        }
        unmountDead();
        try {
            Files.deleteIfExists(socket());
            daemon = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    /** Takes away what a killed daemon had mounted. */
    void unmountDead() {
        while (isMounted()) {
            Command.of("umount", "-l", mount().toString()).run();
        }
    }

    /** {@code dogear up} after the end of daemon and keeper, and nothing else. */
    void up() {
        try {
            daemon = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Verifies what is stored and ends the daemon. */
    @Override
    public void close() {
        watchdog.interrupt();
        List<String> problems = new ArrayList<>();
        List<ProcessHandle> children = new ArrayList<>(daemon.descendants().toList());
        try {
            if (keeping != Keeping.NOBODY) {
                awaitEpochAfter(0);
            }
            if (daemon.isAlive()) {
                if (keeping == Keeping.KEEPER) {
                    children.add(keeper());
                }
                children.addAll(managers);
                JsonNode report = call("POST", "/v1/local/check", null);
                report.get("problems").forEach(problem -> problems.add("check: " + problem.asText()));
                cli("down");
            }
        } catch (AssertionError e) {
            problems.add(e.toString());
        }
        problems.addAll(leftovers(children));
        if (!problems.isEmpty()) {
            throw new AssertionError(String.join("\n", problems) + "\n" + logTail());
        }
    }

    private List<String> leftovers(List<ProcessHandle> children) {
        List<String> problems = new ArrayList<>();
        List<ProcessHandle> all = new ArrayList<>(children);
        all.add(0, daemon);
        for (ProcessHandle each : all) {
            if (!ended(each)) {
                problems.add("still running: " + each.pid() + " "
                        + each.info().commandLine().orElse(""));
                each.destroyForcibly();
            }
        }
        List<String> mounted = mounts();
        if (!mounted.isEmpty()) {
            problems.add("still mounted: " + mounted);
            mounted.forEach(path -> Command.of("umount", "-l", path).tryRun());
        }
        return problems;
    }

    /** Looked at often: the JDK itself looks after a process that is no child of ours ever more seldom. */
    private static boolean ended(ProcessHandle process) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS_MAX);
        while (process.isAlive()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            sleep(10);
        }
        return true;
    }

    private void awaitEnd(ProcessHandle process) {
        if (!ended(process)) {
            throw new AssertionError("does not end: " + Command.kernelStack(process.pid()));
        }
    }

    /** How many daemons the mount has had. */
    int epoch() {
        return call("GET", "/v1/local/status", null).get("keeper").get("epoch").asInt();
    }

    /** The keeper there is now. */
    ProcessHandle keeper() {
        long pid =
                call("GET", "/v1/local/status", null).get("keeper").get("pid").asLong();
        return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("no keeper\n" + logTail()));
    }

    /** The process that waits to be the next daemon, once there is one. */
    ProcessHandle spare() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (System.nanoTime() < deadline) {
            JsonNode spare = call("GET", "/v1/local/status", null).get("keeper").get("spare");
            if (!spare.isNull()) {
                return ProcessHandle.of(spare.asLong()).orElseThrow();
            }
            sleep(20);
        }
        throw new AssertionError("no spare daemon\n" + logTail());
    }

    /** Waits until a later daemon than that serves the mount and answers. */
    void awaitEpochAfter(int epoch) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (System.nanoTime() < deadline) {
            lastSign = System.nanoTime();
            try {
                UnixHttp.Answer answer = UnixHttp.send(socket(), "GET", "/v1/local/status", new byte[0]);
                JsonNode status = JSON.readTree(answer.body());
                if (answer.status() == 200 && status.get("keeper").get("epoch").asInt() > epoch) {
                    daemon = ProcessHandle.of(status.get("pid").asLong()).orElseThrow();
                    return;
                }
            } catch (IOException e) {
                // Not there yet.
            }
            sleep(20);
        }
        throw new AssertionError("no daemon after epoch " + epoch + "\n" + logTail());
    }

    private ProcessHandle launch() throws IOException {
        String archive = keeping == Keeping.KEEPER
                ? Installation.own().commandArchive()
                : Installation.own().daemonArchive();
        List<String> words = java(archive);
        words.addAll(List.of("up", "--data", data().toString(), "--mount", mount().toString()));
        words.addAll(List.of("--socket", socket().toString()));
        words.addAll(options);
        if (keeping == Keeping.KEEPER) {
            watched(Command.of(account.as(words))
                            .with("DOGEAR_JAVA_OPTS", "-Xmx768m -XX:+UseSerialGC")
                            .with("JDK_JAVA_OPTIONS", KEEPER_OPTIONS)
                            .with("DOGEAR_SOCKET", socket().toString()))
                    .run();
            long pid = call("GET", "/v1/local/status", null).get("pid").asLong();
            return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("no daemon\n" + logTail()));
        }
        words.add("--foreground");
        if (keeping == Keeping.SERVICE_MANAGER) {
            return launchService(words);
        }
        return new ProcessBuilder(account.as(words))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said().toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start()
                .toHandle();
    }

    private ProcessHandle launchService(List<String> daemonWords) throws IOException {
        Path script = folder.resolve("service_manager.py");
        try (InputStream resource =
                Objects.requireNonNull(RunningDogear.class.getResourceAsStream("service_manager.py"))) {
            Files.copy(resource, script);
        }
        List<String> words = new ArrayList<>(List.of(
                "python3", script.toString(), folder.resolve("run/notify").toString()));
        words.addAll(daemonWords);
        daemon = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said().toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start()
                .toHandle();
        managers.add(daemon);
        awaitReady();
        return ProcessHandle.of(call("GET", "/v1/local/status", null).get("pid").asLong())
                .orElseThrow();
    }

    /** The command line of another installation, on the same daemon. */
    CliResult tryCliOf(Path jar, String... args) {
        List<String> words = java();
        words.add(1, "-Ddogear.jar=" + jar);
        words.addAll(List.of(args));
        return watched(Command.of(words).with("DOGEAR_SOCKET", socket().toString()))
                .tryRun();
    }

    /** The command line on the class path of this test. */
    private List<String> java(String... more) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-Xshare:auto",
                "-Xlog:disable",
                "-XX:+UseSerialGC",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        words.addAll(List.of(more));
        words.addAll(List.of("-cp", account.classPath(), "dev.dogear.control.cli.Dogear"));
        return words;
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (true) {
            try {
                if (UnixHttp.send(socket(), "GET", "/healthz", new byte[0]).status() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (!daemon.isAlive() || System.nanoTime() > deadline) {
                    daemon.destroyForcibly();
                    throw new AssertionError("the daemon does not answer\n" + logTail(), e);
                }
            }
            sleep(20);
        }
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(1000);
                if (System.nanoTime() - lastSign > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS_MAX)) {
                    System.err.println("nothing for " + SILENCE_SECONDS_MAX + " s: the connection is aborted");
                    abort();
                    lastSign = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            // Closed in time.
        }
    }

    /** Lets go whatever waits in the mount, and has the daemon's threads written to what it said. */
    void abort() {
        Command.of("kill", "-QUIT", Long.toString(pid())).tryRun();
        sleep(500);
        System.err.println(logTail());
        // By force, and without a look at it, which would wait as well.
        Command.of("umount", "--force", "--lazy", "--no-canonicalize", mount().toString())
                .tryRun();
    }

    boolean isMounted() {
        return mounts().contains(mount().toString());
    }

    /** Mount points below our folder. */
    private List<String> mounts() {
        try {
            return mountRows().stream()
                    .map(row -> row.get(4))
                    .filter(path -> Path.of(path).startsWith(folder))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<List<String>> mountRows() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), UTF_8).stream()
                .map(line -> List.of(line.split(" ", -1)))
                .toList();
    }

    private Path said() {
        return folder.resolve("daemon.out");
    }

    /** The end of what the daemon said and logged. */
    String logTail() {
        StringBuilder text = new StringBuilder();
        for (Path file : List.of(said(), data().resolve("server/daemon.out"), data().resolve("server/daemon.0.log"))) {
            try {
                List<String> lines = Files.readAllLines(file, UTF_8);
                text.append("--- ").append(file).append('\n');
                lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size())
                        .forEach(line ->
                                text.append(line.replace("\\n", "\n    ")).append('\n'));
            } catch (IOException e) {
                text.append("--- ").append(file).append(": ").append(e).append('\n');
            }
        }
        return text.toString();
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}

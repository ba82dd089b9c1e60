package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.Invocation;
import dev.dogear.control.cli.line.SocketClient;
import dev.dogear.mount.mounts.MountOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Starts the daemon as a process of its own, in a session of its own, and waits until it answers. */
final class Launcher {
    private static final long START_SECONDS_MAX = 120;
    private static final long POLL_MS = 10;
    private static final String OWN_WORD = "dogear: ";
    private static final int NATIVE_ACCESS_FEATURE = 24;

    private final Path data;
    private final SocketClient client;

    Launcher(Path data, SocketClient client) {
        this.data = data;
        this.client = client;
    }

    /** @throws CommandException with what the daemon said if it ended instead */
    void start(List<String> arguments) throws IOException, InterruptedException {
        Path folder = data.resolve("server");
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path said = folder.resolve("daemon.out");
        long before = Files.exists(said) ? Files.size(said) : 0;
        List<String> command = isKept(arguments) ? keeperCommand(folder, arguments) : daemonCommand(folder, arguments);
        Files.deleteIfExists(commandFile(data));
        List<String> options = new ArrayList<>(List.of(javaOptions()));
        options.addAll(arguments);
        Files.write(optionsFile(data), options);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DOGEAR_KEEPER", String.join("\n", command));
        Process daemon = builder.directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (!answers()) {
            if (daemon.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
                throw new CommandException(exit(daemon.exitValue()), tail(said, before));
            }
            if (System.nanoTime() > deadline) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "The daemon (pid " + daemon.pid() + ") does not answer after " + START_SECONDS_MAX
                                + " s; see its log in " + folder);
            }
        }
    }

    private boolean answers() {
        try (SocketClient.Reply reply = client.send("GET", "/healthz", new byte[0], Invocation.JSON)) {
            return reply.status() == 200;
        } catch (IOException | CommandException e) {
            return false;
        }
    }

    private static ExitCode exit(int status) {
        return status == ExitCode.CONFLICT.number() ? ExitCode.CONFLICT : ExitCode.FAILED;
    }

    private static String tail(Path said, long from) throws IOException {
        byte[] all = Files.readAllBytes(said);
        String text = new String(all, (int) from, all.length - (int) from, StandardCharsets.UTF_8).strip();
        String reasons = text.lines()
                .filter(line -> line.startsWith(OWN_WORD) || line.startsWith("fusermount3: "))
                .map(line -> line.startsWith(OWN_WORD) ? line.substring(OWN_WORD.length()) : line)
                .collect(Collectors.joining("\n"));
        return reasons.isEmpty() ? "The daemon did not start: " + text : reasons;
    }

    /** Where an upgrade says how the daemon is started from then on. */
    static Path commandFile(Path data) {
        return data.resolve("server/daemon.command");
    }

    /** How the daemon was started: what the JVM was given besides, and then our arguments, a line each. */
    private static Path optionsFile(Path data) {
        return data.resolve("server/daemon.options");
    }

    private static String javaOptions() {
        return System.getenv().getOrDefault("DOGEAR_JAVA_OPTS", "").strip();
    }

    /**
     * The command of a daemon of this installation that is to do what the running one does.
     *
     * @param otherwise arguments if it was started by a version that did not note them
     */
    static List<String> upgraded(Path data, List<String> otherwise) throws IOException {
        Path file = optionsFile(data);
        List<String> noted = new ArrayList<>(Files.exists(file) ? Files.readAllLines(file) : List.of(""));
        String java = noted.remove(0);
        List<String> command = command(data.resolve("server"), javaOptions().isEmpty() ? java : javaOptions());
        command.addAll(noted.isEmpty() ? otherwise : noted);
        return command;
    }

    /** libfuse does not hand its mount over. */
    private static boolean isKept(List<String> arguments) {
        return !arguments.contains(MountOptions.JNR_FUSE);
    }

    private static List<String> daemonCommand(Path folder, List<String> arguments) {
        List<String> command = ownSession();
        command.addAll(command(folder, javaOptions()));
        command.addAll(arguments);
        return command;
    }

    /** Ctrl-C and the end of this terminal are not for the daemon. */
    private static List<String> ownSession() {
        return Files.isExecutable(Path.of("/usr/bin/setsid"))
                ? new ArrayList<>(List.of("/usr/bin/setsid"))
                : new ArrayList<>();
    }

    /** The keeper, which starts the daemon; small, since it does nothing but wait. */
    private static List<String> keeperCommand(Path folder, List<String> arguments) {
        List<String> command = ownSession();
        command.add(java());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx24m", "-Xss512k"));
        command.addAll(List.of("-XX:ReservedCodeCacheSize=16m", "-XX:+DisplayVMOutputToStderr"));
        nativeAccess(command);
        archive(command);
        command.addAll(List.of("-cp", absoluteClassPath(), "dev.dogear.mount.keeper.Keeper"));
        for (String shared : List.of("--mount", "--protocol")) {
            int at = arguments.indexOf(shared);
            if (at >= 0) {
                command.addAll(arguments.subList(at, at + 2));
            }
        }
        for (String shared : List.of("--allow-other", "--suid", "--dev")) {
            if (arguments.contains(shared)) {
                command.add(shared);
            }
        }
        command.addAll(List.of("--command", folder.resolve("daemon.command").toString(), "--"));
        command.addAll(command(folder, javaOptions()));
        command.addAll(arguments);
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static void nativeAccess(List<String> command) {
        if (Runtime.version().feature() >= NATIVE_ACCESS_FEATURE) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
    }

    /** Classes that the build has archived beside the jar; ignored without a word when they do not fit this JVM or these jars. */
    private static void archive(List<String> command) {
        Path archive = Path.of(absoluteClassPath().split(":", 2)[0]).resolveSibling("daemon.jsa");
        if (Files.exists(archive)) {
            command.addAll(List.of("-Xshare:auto", "-Xlog:disable", "-XX:SharedArchiveFile=" + archive));
        }
    }

    /** The daemon. It has no standard output: that is where it gets the memory shared with the keeper. */
    private static List<String> command(Path folder, String more) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.add("-XX:+DisplayVMOutputToStderr");
        command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
        command.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        nativeAccess(command);
        archive(command);
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"));
        command.add("-XX:+ExitOnOutOfMemoryError");
        if (!more.isEmpty()) {
            command.addAll(List.of(more.split("\\s+")));
        }
        command.add("-cp");
        command.add(absoluteClassPath());
        command.add("dev.dogear.control.daemon.Daemon");
        return command;
    }

    /** The jar that {@code scripts/dogear} names, since it runs us on fewer classes; else what we run on ourselves. */
    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("dogear.jar", System.getProperty("java.class.path"))
                .split(":", -1)) {
            entries.add(Path.of(entry).toAbsolutePath().normalize().toString());
        }
        return String.join(":", entries);
    }
}

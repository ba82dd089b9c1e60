package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A store mounted by a daemon in another process, for tests: what they do to {@link #mountpoint()} is done from outside. */
public final class MountedStore implements AutoCloseable {
    private final Path mountpoint;
    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;

    private MountedStore(Path mountpoint, Process process) {
        this.mountpoint = mountpoint;
        this.process = process;
        this.out = process.inputReader(UTF_8);
        this.in = process.outputWriter(UTF_8);
    }

    /**
     * Starts a daemon on {@code folder/data}, mounted at {@code folder/mnt}; what was there before is there again. One that is to use
     * io_uring is a failure if it does not, unless it is to speak a protocol without.
     */
    public static MountedStore start(Path folder, String... options) throws IOException {
        List<String> all = List.of(options);
        if (!all.contains(MountOptions.IO_URING)) {
            return launch(folder, options);
        }
        try (RingSwitch on = RingSwitch.on()) {
            MountedStore started = launch(folder, options);
            String spoken = started.ask("spoken");
            if (!spoken.contains("transport=io-uring") && all.stream().noneMatch(word -> word.startsWith("7."))) {
                started.close();
                throw new IOException("not by io_uring: " + spoken + " though " + on);
            }
            return started;
        }
    }

    private static MountedStore launch(Path folder, String... options) throws IOException {
        Path mountpoint = folder.resolve("mnt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--add-opens",
                "java.base/java.nio=ALL-UNNAMED",
                "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                absolute(System.getProperty("java.class.path", "")),
                StoreDaemon.class.getName(),
                folder.resolve("data").toString(),
                mountpoint.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        MountedStore started = new MountedStore(mountpoint, process);
        String ready = started.out.readLine();
        if (!"READY".equals(ready)) {
            process.destroyForcibly();
            throw new IOException("the daemon did not start: " + ready);
        }
        return started;
    }

    private static String absolute(String classPath) {
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The mount's root. */
    public Path mountpoint() {
        return mountpoint;
    }

    /** A bookmark's directory. */
    public Path bookmark(String repository, String bookmark) {
        return mountpoint.resolve(repository).resolve(bookmark);
    }

    /** Has the daemon do something and gives what it says. */
    public synchronized String ask(String command) throws IOException {
        in.write(command);
        in.newLine();
        in.flush();
        String answer = out.readLine();
        if (answer == null || !answer.startsWith("ok")) {
            throw new IOException(command + ": " + answer);
        }
        return answer.substring(2).strip();
    }

    /** kill -9, and the dead mount taken away. */
    public void kill() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        new ProcessBuilder("umount", "-l", mountpoint.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Ends the daemon in order, or by force if it does not end. */
    @Override
    public void close() throws IOException {
        if (!process.isAlive()) {
            return;
        }
        in.close();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                kill();
                throw new IOException("the daemon did not end by itself");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a keeper, or a service manager in its place, does beyond the plain death of a daemon. */
final class KeeperTest {
    private static final int END_SECONDS_MAX = 120;
    private static final int BLOCKED_KILLS_MAX = 40;
    private static final int STOPS_MAX = 200;
    private static final int RESTARTS = 3;

    @TempDir
    Path folder;

    @Test
    void stuckDaemonIsReplaced() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            Path file = repository(dogear).resolve("file");
            int epoch = dogear.epoch();
            try (FileChannel open = create(file)) {
                ProcessHandle stuck = ProcessHandle.of(dogear.pid()).orElseThrow();
                Command.of("kill", "-STOP", Long.toString(stuck.pid())).run();
                append(open, "waited");
                dogear.awaitEpochAfter(epoch);
                assertNotEquals(stuck.pid(), dogear.pid());
                stuck.onExit().get(END_SECONDS_MAX, TimeUnit.SECONDS);
            }
            assertEquals("waited", Files.readString(file));
        }
    }

    /** Nobody waits for ever: with no daemon to be had, what waits in the mount gets an error, and the log says why. */
    @Test
    void mountIsAbortedWhenNoDaemonStarts() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            Path main = repository(dogear);
            Files.writeString(main.resolve("file"), "kept");
            ProcessHandle keeper = dogear.keeper();
            Path table = dogear.data().resolve("server/tables/data.mdb");
            Path aside = dogear.data().resolve("data.mdb");
            // Another file: the daemon has mapped the one there is.
            Files.move(table, aside);
            Files.writeString(table, "no table");
            ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
            CliResult waited = dogear.command("mkdir", "directory").in(main).tryRun();
            assertNotEquals(0, waited.exit());
            keeper.onExit().get(END_SECONDS_MAX, TimeUnit.SECONDS);
            String said = Files.readString(dogear.data().resolve("server/daemon.out"));
            assertTrue(said.contains("gives up: 5 daemons in a row"), said);
            Files.move(aside, table, StandardCopyOption.REPLACE_EXISTING);
            dogear.up();
            assertEquals("kept", Files.readString(main.resolve("file")));
        }
    }

    @Test
    void failedUpgradeFallsBack() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            Path file = repository(dogear).resolve("file");
            Path broken = Files.writeString(folder.resolve("broken.jar"), "no jar");
            int epoch = dogear.epoch();
            try (FileChannel open = create(file)) {
                CliResult upgrade = dogear.tryCliOf(broken, "upgrade");
                assertEquals(1, upgrade.exit(), upgrade.describe());
                assertTrue(upgrade.err().contains("the one before it goes on"), upgrade.describe());
                append(open, "goes on");
            }
            dogear.awaitEpochAfter(epoch);
            assertEquals("goes on", Files.readString(file));
            dogear.cli("upgrade");
        }
    }

    @Test
    void restartsUnderLoad() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            repository(dogear);
            restartUnderLoad(dogear);
        }
    }

    /** With systemd's descriptor store there is no keeper: killed or asked to, the daemon comes back to the same mount. */
    @Test
    void serviceManagerKeepsTheMount() throws Exception {
        try (RunningDogear dogear = RunningDogear.startService(folder)) {
            Path file = repository(dogear).resolve("file");
            try (FileChannel open = create(file)) {
                for (int kill = 1; kill <= RESTARTS; kill++) {
                    int epoch = dogear.epoch();
                    ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
                    append(open, "x");
                    dogear.awaitEpochAfter(epoch);
                }
            }
            assertEquals("x".repeat(RESTARTS), Files.readString(file));
            restartUnderLoad(dogear);
            assertTrue(dogear.call("GET", "/v1/local/status", null)
                    .get("keeper")
                    .get("pid")
                    .isNull());
        }
        assertTrue(Files.readString(folder.resolve("daemon.out")).contains("told READY=1"));
    }

    /**
     * A thread that tells the kernel to forget pages waits for their being written, by the daemon that is dead; so it keeps the lock of
     * the data folder, until the next daemon, which needs that lock, has written them.
     */
    @Test
    void blockedNotificationDoesNotKeepTheLock() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            Path stop = folder.resolve("stop");
            LoadProgram seeking = LoadProgram.start("seek.py", repository(dogear), folder, stop, 1);
            int kills = 0;
            while (!log(dogear).contains("which is dead but for a notification")) {
                assertTrue(++kills <= BLOCKED_KILLS_MAX, "no notification was blocked by " + kills + " kills");
                TimeUnit.MILLISECONDS.sleep(100 + kills * 23L % 200);
                int epoch = dogear.epoch();
                ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
                dogear.awaitEpochAfter(epoch);
                assertTrue(seeking.isAlive(), seeking.said());
            }
            assertEquals(4, secondDaemon(dogear).exit(), "the lock is the new daemon's");
            Files.createFile(stop);
            seeking.await(END_SECONDS_MAX);
            assertNull(seeking.failure());
        }
    }

    /**
     * With nobody left who could serve, the kernel does not end the connection: the dead daemon's thread that it holds keeps the device
     * open. So the helper ends it, and programs go on with an error.
     */
    @Test
    void allDeadWithABlockedNotificationEndsTheMount() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            Path main = repository(dogear);
            Files.writeString(main.resolve("file"), "kept");
            LoadProgram seeking = LoadProgram.start("seek.py", main, folder, folder.resolve("stop"), 1);
            ProcessHandle daemon = ProcessHandle.of(dogear.pid()).orElseThrow();
            // The keeper first: the stopped daemon starts no other one, and the spare waits as long as that is not
            // dead.
            List<ProcessHandle> all = List.of(dogear.keeper(), dogear.spare(), daemon);
            awaitHelper(daemon);
            stopWithABlockedNotification(daemon.pid());
            all.forEach(ProcessHandle::destroyForcibly);
            TimeUnit.SECONDS.sleep(1);
            assertFalse(heldThreads(daemon.pid()).isEmpty(), "the daemon is dead altogether");
            seeking.await(END_SECONDS_MAX);
            assertTrue(seeking.said().contains("Errno"), seeking.said());
            dogear.up();
            assertEquals("kept", Files.readString(main.resolve("file")));
        }
    }

    /** It is ready when it has opened the memory of the keeper. */
    private static void awaitHelper(ProcessHandle daemon) throws Exception {
        for (int tenths = 0; !hasMemory(daemon.children()); tenths++) {
            assertTrue(tenths < 10 * END_SECONDS_MAX, "the daemon starts no helper");
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static boolean hasMemory(Stream<ProcessHandle> children) throws IOException {
        for (ProcessHandle child : children.toList()) {
            Path descriptors = Path.of("/proc", Long.toString(child.pid()), "fd");
            try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
                for (Path each : all) {
                    if (Files.readSymbolicLink(each).toString().contains("dogear-hand-over")) {
                        return true;
                    }
                }
            } catch (NoSuchFileException e) {
                // Closed meanwhile.
            }
        }
        return false;
    }

    /** Stops the daemon at a moment when the kernel holds its notifier. */
    private static void stopWithABlockedNotification(long daemon) throws Exception {
        for (int stop = 0; stop < STOPS_MAX; stop++) {
            Command.of("kill", "-STOP", Long.toString(daemon)).run();
            TimeUnit.MILLISECONDS.sleep(300);
            if (!heldThreads(daemon).isEmpty()) {
                return;
            }
            Command.of("kill", "-CONT", Long.toString(daemon)).run();
            TimeUnit.MILLISECONDS.sleep(20 + stop * 23L % 200);
        }
        throw new AssertionError("no notification was blocked at " + STOPS_MAX + " stops");
    }

    /** Threads of a process that no signal reaches. */
    private static List<Path> heldThreads(long pid) throws IOException {
        List<Path> held = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) == 'D') {
                    held.add(thread);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of(); // it has ended
        }
        return held;
    }

    private void restartUnderLoad(RunningDogear dogear) throws Exception {
        Path directory = Files.createDirectory(dogear.mount().resolve("one/main/load"));
        Path stop = folder.resolve("stop");
        LoadProgram load = LoadProgram.start("append.sh", directory, folder, stop, 1);
        for (int restart = 1; restart <= RESTARTS; restart++) {
            int epoch = dogear.epoch();
            dogear.call("POST", "/v1/local/restart", null);
            dogear.awaitEpochAfter(epoch);
            assertTrue(load.isAlive(), load.said());
        }
        Files.createFile(stop);
        load.await(END_SECONDS_MAX);
        assertNull(load.failure());
    }

    /** On the same data, with a mount and a socket of its own. */
    private CliResult secondDaemon(RunningDogear dogear) {
        String mount = folder.resolve("second").toString();
        String socket = folder.resolve("run/second").toString();
        String data = dogear.data().toString();
        return dogear.tryCli("up", "--data", data, "--mount", mount, "--socket", socket, "--foreground");
    }

    private static Path repository(RunningDogear dogear) {
        dogear.cli("repo", "create", "one");
        return dogear.mount().resolve("one/main");
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** And has it on the disk, which the kernel cannot do alone. */
    private static void append(FileChannel open, String text) throws IOException {
        open.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
        open.force(true);
    }

    private static String log(RunningDogear dogear) throws IOException {
        Path log = dogear.data().resolve("server/daemon.0.log");
        assertFalse(Files.notExists(log));
        return Files.readString(log) + Files.readString(log.resolveSibling("daemon.out"));
    }
}

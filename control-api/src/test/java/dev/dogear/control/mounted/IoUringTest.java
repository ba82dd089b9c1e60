package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.mount.mounts.RingSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Which transport is used by itself, what status says of it, and what is left of io_uring when daemons are killed. */
@EnabledIf("dev.dogear.mount.mounts.RingSwitch#possible")
final class IoUringTest {
    private static final int KILLS = Integer.getInteger("dogear.rounds", 4);
    private static final int PROGRAMS = 4;
    private static final int ECANCELED = 125;
    private static final int LOAD_MS_MIN = 20;
    private static final int LOAD_MS_MAX = 900;
    private static final int HANG_SECONDS = 60;

    @TempDir
    Path folder;

    /** With a keeper requests could be lost by it that are not lost without. */
    @Test
    void withAKeeperItIsForWhoeverAsksForIt() throws IOException {
        try (RingSwitch on = RingSwitch.on();
                RunningDogear dogear = RunningDogear.startKept(folder)) {
            JsonNode status = dogear.call("GET", "/v1/local/status", null);
            assertEquals("kernel", status.path("transport").asText(), on.toString());
            String why = status.path("why_not_better").asText();
            assertTrue(why.startsWith("io-uring: requests in flight would be lost"), why);
            assertTrue(dogear.cli("status").contains("not better " + why), "the command says it too");
        }
    }

    @Test
    void withoutAKeeperItIsUsedByItself() throws IOException {
        try (RingSwitch on = RingSwitch.on();
                RunningDogear dogear = RunningDogear.start(folder)) {
            JsonNode status = dogear.call("GET", "/v1/local/status", null);
            assertEquals("io-uring", status.path("transport").asText(), on.toString());
            assertEquals("", status.path("why_not_better").asText("absent"));
            assertFalse(dogear.cli("status").contains("not better"));
        }
    }

    /**
     * The mount goes on, nothing hangs, and what was taken is answered by the next daemon. A request that is made while the daemon's
     * process is taken apart fails with ECANCELED: that is what the kernel does, and what programs here do again.
     */
    @Test
    void killsEndNoMountAndHangNoProgram() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("IoUringTest: seed " + seed + ", " + KILLS + " kills");
        SplittableRandom random = new SplittableRandom(seed);
        try (RunningDogear dogear = startByRings()) {
            dogear.cli("repo", "create", "one");
            Path root = dogear.mount().resolve("one/main");
            List<Program> programs = new ArrayList<>();
            for (int i = 0; i < PROGRAMS; i++) {
                programs.add(new Program(Files.createDirectory(root.resolve("program" + i))));
            }
            programs.forEach(Thread::start);
            for (int kill = 1; kill <= KILLS; kill++) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MS_MIN, LOAD_MS_MAX));
                int epoch = dogear.epoch();
                ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
                dogear.awaitEpochAfter(epoch);
                checkpoint(dogear, "after kill " + kill);
            }
            assertEquals(
                    "io-uring",
                    dogear.call("GET", "/v1/local/status", null)
                            .path("transport")
                            .asText());
            for (Program program : programs) {
                program.stopped = true;
                program.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
                assertFalse(program.isAlive(), "a program hangs in the mount");
                program.check();
            }
            System.out.println("IoUringTest: "
                    + programs.stream().mapToInt(program -> program.done.get()).sum() + " files, "
                    + programs.stream()
                            .mapToInt(program -> program.cancelled.get())
                            .sum() + " calls cancelled");
        }
    }

    /**
     * The kernel says once of each file that pages of it were lost with a daemon, to whoever syncs it next: a checkpoint must not call
     * that a success, and the one after it is one.
     */
    private static void checkpoint(RunningDogear dogear, String message) {
        for (int tries = 0; tries < PROGRAMS; tries++) {
            CliResult result = dogear.tryCli("checkpoint", "one/main", "-m", message);
            if (result.exit() == 0) {
                return;
            }
            assertTrue(result.err().contains("failed: errno " + ECANCELED), result.describe());
        }
        dogear.cli("checkpoint", "one/main", "-m", message);
    }

    private RunningDogear startByRings() throws IOException {
        try (RingSwitch on = RingSwitch.on()) {
            RunningDogear dogear = RunningDogear.startKept(folder, "--transport", "io-uring");
            assertEquals(
                    "io-uring",
                    dogear.call("GET", "/v1/local/status", null)
                            .path("transport")
                            .asText(),
                    on.toString());
            return dogear;
        }
    }

    /** Writes small files, each again until it succeeds. */
    private static final class Program extends Thread {
        private static final int KEPT = 50;
        private static final List<String> CANCELLED = List.of("Operation canceled");

        /** What the kernel says at the close of a file, too, when it was a page that was cancelled. */
        private static final List<String> LOST_PAGES = List.of("Operation canceled", "Input/output error");

        private final Path directory;
        private volatile boolean stopped;
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicInteger cancelled = new AtomicInteger();
        private volatile String failure = "";

        Program(Path directory) {
            super("program");
            this.directory = directory;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                while (!stopped) {
                    int next = done.get();
                    again(LOST_PAGES, () -> Files.writeString(file(next), text(next)));
                    int old = next - KEPT;
                    if (old >= 0) {
                        again(CANCELLED, () -> assertEquals(text(old), Files.readString(file(old))));
                        again(CANCELLED, () -> Files.deleteIfExists(file(old)));
                    }
                    done.incrementAndGet();
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e.toString();
            }
        }

        private interface Step {
            void run() throws IOException;
        }

        private void again(List<String> lost, Step step) throws IOException {
            while (true) {
                try {
                    step.run();
                    return;
                } catch (IOException e) {
                    if (lost.stream().noneMatch(String.valueOf(e.getMessage())::contains)) {
                        throw e;
                    }
                    cancelled.incrementAndGet();
                }
            }
        }

        private void check() throws IOException {
            assertEquals("", failure);
            assertTrue(done.get() > KEPT, "it went on after kills");
            for (int i = done.get() - KEPT; i < done.get(); i++) {
                assertEquals(text(i), Files.readString(file(i)));
            }
        }

        private Path file(int number) {
            return directory.resolve("file" + number);
        }

        private static String text(int number) {
            return ("content " + number + "\n").repeat(20);
        }
    }
}

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Daemon and keeper are killed while programs work in the mount: they see a pause and nothing else. */
final class TakeoverTest {
    private static final int KILLS = Integer.getInteger("dogear.rounds", 4);
    private static final int WRITERS = 4;
    private static final int LOAD_MS_MAX = 1500;
    private static final int LOAD_MS_MIN = 20;
    private static final int BETWEEN_MS_MIN = 200;
    private static final int BETWEEN_MS_MAX = 1000;
    private static final int PROGRESS_KILLS = 10;
    private static final int HANG_SECONDS = 120;
    private static final int ORPHAN_RECORDS = 4000;

    @TempDir
    Path folder;

    /** With the kernel's own asking again, and without, as before Linux 6.9. */
    @ParameterizedTest
    @ValueSource(strings = {"7.45", "7.39"})
    void programsSeeNothingOfKills(String protocol) throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("TakeoverTest: seed " + seed + ", " + KILLS + " kills, protocol " + protocol);
        SplittableRandom random = new SplittableRandom(seed);
        try (RunningDogear dogear = RunningDogear.startKept(folder, "--protocol", protocol)) {
            dogear.cli("repo", "create", "one");
            try (Load load = new Load(dogear.mount().resolve("one/main"), folder, random)) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MS_MIN, LOAD_MS_MAX));
                    kill(dogear, load, kill, random);
                    if (kill % 2 == 0) {
                        dogear.cli("checkpoint", "one/main", "-m", "after kill " + kill);
                    }
                    assertEquals("", load.failures(), dogear::logTail);
                    if (kill % PROGRESS_KILLS == 0) {
                        System.out.println("TakeoverTest: " + kill + " kills, " + load.pauses.summary());
                    }
                }
                load.end();
            }
        }
    }

    /** In turn the daemon, the keeper, the daemon and then the keeper, the keeper and then the daemon. */
    private static void kill(RunningDogear dogear, Load load, int kill, SplittableRandom random)
            throws InterruptedException {
        int epoch = dogear.epoch();
        ProcessHandle keeper = dogear.keeper();
        ProcessHandle daemon = ProcessHandle.of(dogear.pid()).orElseThrow();
        boolean daemonDies = kill % 4 != 2;
        boolean keeperFirst = kill % 4 == 2 || kill % 4 == 0;
        if (keeperFirst) {
            keeper.destroyForcibly();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(BETWEEN_MS_MIN, BETWEEN_MS_MAX));
        }
        if (daemonDies) {
            load.pauses.death();
            daemon.destroyForcibly();
            if (kill % 4 == 3) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(BETWEEN_MS_MIN, BETWEEN_MS_MAX));
                keeper.destroyForcibly();
            }
            dogear.awaitEpochAfter(epoch);
        } else {
            dogear.call("GET", "/v1/local/status", null);
        }
    }

    /** A daemon of another installation takes over, here of the same one, and does what it was asked to when the mount was made. */
    @Test
    void upgradeKeepsOpenFilesAndOptions() throws Exception {
        try (RunningDogear dogear =
                RunningDogear.startKept(folder, "--allow-other", "--transport", "kernel", "--dev")) {
            dogear.cli("repo", "create", "one");
            List<String> options = options(dogear.pid());
            assertTrue(
                    options.containsAll(List.of("-Xmx768m", "--allow-other", "--transport", "--dev")),
                    options::toString);
            Path file = dogear.mount().resolve("one/main/file");
            int epoch = dogear.epoch();
            try (FileChannel open = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                open.write(ByteBuffer.wrap("before".getBytes(UTF_8)));
                dogear.cli("upgrade");
                dogear.awaitEpochAfter(epoch);
                open.write(ByteBuffer.wrap(" after".getBytes(UTF_8)));
                open.force(true);
            }
            assertEquals("before after", Files.readString(file));
            assertEquals(options, options(dogear.pid()));
        }
    }

    /** What a daemon was started with, but for whose turn it is and for the mount, which the keeper says again. */
    private static List<String> options(long daemon) throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(daemon), "cmdline"));
        return List.of(line.replaceFirst("(--mount\0[^\0]+\0)?(--spare|--epoch\0\\d+)\0$", "")
                .split("\0"));
    }

    /** The spare needs nobody to tell it. */
    @Test
    void spareServesWhenDaemonAndKeeperDieAtOnce() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.cli("repo", "create", "one");
            Path file = dogear.mount().resolve("one/main/file");
            int epoch = dogear.epoch();
            long spare = dogear.spare().pid();
            ProcessHandle keeper = dogear.keeper();
            try (FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                keeper.destroyForcibly();
                ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
                open.write(ByteBuffer.wrap("kept".getBytes(UTF_8)));
                open.force(true);
            }
            dogear.awaitEpochAfter(epoch);
            assertEquals(spare, dogear.pid());
            assertNotEquals(keeper.pid(), dogear.keeper().pid());
            assertEquals("kept", Files.readString(file));
        }
    }

    /** With all gone the mount ends; what was acknowledged is there after {@code dogear up}, which needs no cleaning before. */
    @Test
    void allDeadEndsTheMount() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.cli("repo", "create", "one");
            Path file = dogear.mount().resolve("one/main/file");
            Files.writeString(file, "kept");
            List<ProcessHandle> all = List.of(
                    dogear.spare(),
                    dogear.keeper(),
                    ProcessHandle.of(dogear.pid()).orElseThrow());
            all.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle each : all) {
                each.onExit().get(HANG_SECONDS, TimeUnit.SECONDS);
            }
            dogear.up();
            assertEquals("kept", Files.readString(file));
        }
    }

    /** Everything that works in the mount meanwhile. */
    private static final class Load implements AutoCloseable {
        private final Pauses pauses;
        private final List<Writer> writers = new ArrayList<>();
        private final List<LoadProgram> programs = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final Orphan orphan;
        private final Path stop;

        Load(Path root, Path outside, SplittableRandom random) throws IOException {
            stop = outside.resolve("stop");
            pauses = new Pauses(root.resolve("round"));
            orphan = new Orphan(root.resolve("orphan"));
            for (int i = 0; i < WRITERS; i++) {
                Writer writer = new Writer(Files.createDirectory(root.resolve("writer" + i)), random.split());
                writers.add(writer);
                threads.add(new Thread(writer, "writer " + i));
            }
            threads.add(new Thread(orphan, "orphan"));
            threads.add(new Thread(pauses, "pauses"));
            threads.forEach(thread -> thread.setDaemon(true));
            threads.forEach(Thread::start);
            for (String name : LoadProgram.ALL) {
                Path directory = Files.createDirectory(root.resolve(name + ".d"));
                programs.add(LoadProgram.start(name, directory, outside, stop, random.nextLong()));
            }
        }

        String failures() throws IOException {
            List<String> found = new ArrayList<>();
            for (Writer writer : writers) {
                found.add(writer.ended() == null ? null : "writer: " + writer.ended());
            }
            found.add(orphan.failure == null ? null : "orphan: " + orphan.failure);
            found.add(pauses.failure() == null ? null : "pauses: " + pauses.failure());
            for (LoadProgram program : programs) {
                found.add(program.failure());
            }
            found.removeIf(Objects::isNull);
            return String.join("\n", found);
        }

        /** Has all of it end, and compares what it wrote. */
        void end() throws IOException, InterruptedException {
            for (LoadProgram program : programs) {
                assertTrue(program.isAlive(), program.said());
            }
            tellAll();
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
                assertFalse(thread.isAlive(), () -> thread.getName() + " hangs in the mount");
            }
            for (LoadProgram program : programs) {
                program.await(HANG_SECONDS);
            }
            assertEquals("", failures());
            for (Writer writer : writers) {
                assertNull(writer.compare());
            }
            long done = writers.stream().mapToLong(Writer::acknowledged).sum();
            System.out.println("TakeoverTest: " + pauses.summary());
            System.out.println("TakeoverTest: " + done + " operations, " + orphan.written + " without a name");
            for (LoadProgram program : programs) {
                System.out.println("TakeoverTest: " + program.said());
            }
        }

        private void tellAll() throws IOException {
            if (!Files.exists(stop)) {
                Files.createFile(stop);
            }
            writers.forEach(Writer::stop);
            orphan.stopped = true;
            pauses.stop();
        }

        /** Leaves nothing running after a failure. */
        @Override
        public void close() throws IOException {
            tellAll();
            for (LoadProgram program : programs) {
                program.await(HANG_SECONDS);
            }
        }
    }

    /** Writes to a file that has no name any more, and reads it back. */
    private static final class Orphan implements Runnable {
        private final FileChannel file;
        private volatile boolean stopped;
        private volatile @Nullable Throwable failure;
        private volatile int written;

        Orphan(Path path) throws IOException {
            file = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(path);
        }

        @Override
        public void run() {
            try (file) {
                while (!stopped) {
                    int number = written;
                    file.write(record(number), number % ORPHAN_RECORDS * 8L);
                    written = number + 1;
                    if (number % 100 == 0) {
                        file.force(false);
                    }
                }
                for (int number = Math.max(0, written - ORPHAN_RECORDS); number < written; number++) {
                    ByteBuffer read = ByteBuffer.allocate(8);
                    file.read(read, number % ORPHAN_RECORDS * 8L);
                    assertEquals(record(number), read.flip(), "record " + number);
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }

        private static ByteBuffer record(int number) {
            return ByteBuffer.allocate(8).putLong(0, number + 1L);
        }
    }
}

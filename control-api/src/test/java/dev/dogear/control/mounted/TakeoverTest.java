package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
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
    private static final int LOAD_MS_MAX = 900;
    private static final int LOAD_MS_MIN = 20;
    private static final int HANG_SECONDS = 60;
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
            Path root = dogear.mount().resolve("one/main");
            List<Writer> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(new Writer(Files.createDirectory(root.resolve("writer" + i)), random.split()));
            }
            List<Thread> threads = new ArrayList<>();
            writers.forEach(writer -> threads.add(new Thread(writer, "writer")));
            Orphan orphan = new Orphan(root.resolve("orphan"));
            threads.add(new Thread(orphan, "orphan"));
            threads.forEach(thread -> thread.setDaemon(true));
            try (FileChannel held = FileChannel.open(
                            root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = held.lock()) {
                threads.forEach(Thread::start);
                for (int kill = 1; kill <= KILLS; kill++) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LOAD_MS_MIN, LOAD_MS_MAX));
                    kill(dogear, kill, random);
                    if (kill % 2 == 0) {
                        dogear.cli("checkpoint", "one/main", "-m", "after kill " + kill);
                    }
                    assertTrue(threads.stream().allMatch(Thread::isAlive), () -> failures(writers, orphan));
                }
                assertTrue(lock.isValid());
            }
            writers.forEach(Writer::stop);
            orphan.stopped = true;
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
                assertFalse(thread.isAlive(), () -> thread.getName() + " hangs in the mount");
            }
            assertEquals("", failures(writers, orphan));
            for (Writer writer : writers) {
                assertNull(writer.compare());
            }
            long done = writers.stream().mapToLong(Writer::acknowledged).sum();
            System.out.println("TakeoverTest: " + done + " operations, " + orphan.written + " without a name");
        }
    }

    /** In turn the daemon, the keeper, the daemon and then the keeper, the keeper and then the daemon. */
    private static void kill(RunningDogear dogear, int kill, SplittableRandom random) throws InterruptedException {
        int epoch = dogear.epoch();
        ProcessHandle keeper = dogear.keeper();
        ProcessHandle daemon = ProcessHandle.of(dogear.pid()).orElseThrow();
        boolean daemonDies = kill % 4 != 2;
        boolean keeperFirst = kill % 4 == 2 || kill % 4 == 0;
        if (keeperFirst) {
            keeper.destroyForcibly();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(200, 1000));
        }
        if (daemonDies) {
            daemon.destroyForcibly();
            if (kill % 4 == 3) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(200, 1000));
                keeper.destroyForcibly();
            }
            dogear.awaitEpochAfter(epoch);
        } else {
            dogear.call("GET", "/v1/local/status", null);
        }
    }

    /** A daemon of another installation takes over: here of the same one. */
    @Test
    void upgradeKeepsOpenFiles() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.cli("repo", "create", "one");
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
        }
    }

    /** With both gone the mount ends; what was acknowledged is there after {@code dogear up}, which needs no cleaning before. */
    @Test
    void bothDeadEndsTheMount() throws Exception {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.cli("repo", "create", "one");
            Path file = dogear.mount().resolve("one/main/file");
            Files.writeString(file, "kept");
            ProcessHandle keeper = dogear.keeper();
            ProcessHandle daemon = ProcessHandle.of(dogear.pid()).orElseThrow();
            keeper.destroyForcibly();
            daemon.destroyForcibly();
            keeper.onExit().get(HANG_SECONDS, TimeUnit.SECONDS);
            daemon.onExit().get(HANG_SECONDS, TimeUnit.SECONDS);
            dogear.up();
            assertEquals("kept", Files.readString(file));
        }
    }

    private static String failures(List<Writer> writers, Orphan orphan) {
        List<String> found = new ArrayList<>();
        for (Writer writer : writers) {
            if (writer.ended() != null) {
                found.add(String.valueOf(writer.ended()));
            }
        }
        if (orphan.failure != null) {
            found.add("orphan: " + orphan.failure);
        }
        return String.join(", ", found);
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

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints taken while programs write: each is one moment, holds what was acknowledged before it, and recovers. */
final class CheckpointCutTest {
    private static final long SEED = Long.getLong("dogear.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 12);
    private static final int FILES = 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    /** What one checkpoint must hold at least and may hold at most. */
    private record Moment(String change, long[] appendedBefore, long[] appendedAfter, long[] committedBefore) {}

    @Test
    void everyCheckpointUnderLoadIsAMomentThatRecovers() throws Exception {
        System.out.println("CheckpointCutTest: dogear.seed=" + SEED + " dogear.rounds=" + ROUNDS);
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", "app"));
            Path main = dogear.mount().resolve("app/main");
            List<Moment> moments = new ArrayList<>();
            try (Appender appender = new Appender(main);
                    Database log = new Database(main.resolve("log.db"), "WAL");
                    Database journal = new Database(main.resolve("journal.db"), "DELETE")) {
                Random random = new Random(SEED);
                for (int i = 0; i < ROUNDS; i++) {
                    Thread.sleep(random.nextInt(60));
                    long[] before = appender.acknowledged();
                    long[] committed = {log.committed(), journal.committed()};
                    String change = dogear.call(
                                    "POST", "/v1/local/app/bookmarks/main/checkpoint", Map.of("message", "at " + i))
                            .get("change")
                            .get("id")
                            .asText();
                    moments.add(new Moment(change, before, appender.acknowledged(), committed));
                }
            }
            for (int i = 0; i < moments.size(); i++) {
                String name = "look/" + i;
                dogear.call(
                        "POST",
                        "/v1/local/app/bookmarks",
                        Map.of("name", name, "change_id", moments.get(i).change()));
                verify(dogear, dogear.mount().resolve("app").resolve(name), moments.get(i), i);
            }
        }
    }

    private static void verify(RunningDogear dogear, Path state, Moment moment, int round) throws IOException {
        for (int file = 0; file < FILES; file++) {
            byte[] content = Files.readAllBytes(state.resolve("append-" + file));
            String what = "file " + file + " of checkpoint " + round + " (" + moment.change() + ")";
            assertTrue(
                    content.length >= moment.appendedBefore()[file],
                    what + " has " + content.length + " bytes, but " + moment.appendedBefore()[file]
                            + " were acknowledged before the call");
            // One line may have been on its way when the call answered.
            long most = moment.appendedAfter()[file] + Appender.LINE_BYTES_MAX;
            assertTrue(content.length <= most, what + " has bytes written after the answer");
            assertPrefix(Appender.stream(file, content.length), content, what);
        }
        String[] names = {"log.db", "journal.db"};
        for (int i = 0; i < names.length; i++) {
            String said = dogear.command(
                            "sqlite3",
                            "-bail",
                            state.resolve(names[i]).toString(),
                            "PRAGMA integrity_check; SELECT count(*) = coalesce(max(n), 0) FROM t;"
                                    + " SELECT total = (SELECT coalesce(sum(n), 0) FROM t) FROM sums;"
                                    + " SELECT count(*) FROM t;")
                    .run();
            String what = names[i] + " of checkpoint " + round + " (" + moment.change() + ")";
            String[] lines = said.split("\n", -1);
            assertEquals(List.of("ok", "1", "1"), Arrays.asList(lines).subList(0, 3), what);
            assertTrue(
                    Long.parseLong(lines[3]) >= moment.committedBefore()[i],
                    what + " has " + lines[3] + " transactions, but " + moment.committedBefore()[i]
                            + " were committed before the call");
        }
    }

    private static void assertPrefix(byte[] expected, byte[] content, String what) {
        int at = Arrays.mismatch(expected, content);
        if (at >= 0) {
            int end = Math.min(content.length, at + 60);
            throw new AssertionError(what + " differs at " + at + " of " + content.length + ": expected "
                    + new String(expected, at, end - at, UTF_8) + ", has "
                    + new String(content, at, end - at, UTF_8).replace('\0', '.'));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Appends numbered lines to files that stay open, and says how much of each was acknowledged. */
    private static final class Appender implements AutoCloseable {
        static final int LINE_BYTES_MAX = 9100;

        private final List<FileChannel> files = new ArrayList<>();
        private final AtomicLongArray bytes = new AtomicLongArray(FILES);
        private final Thread thread = new Thread(this::run, "appender");
        private volatile boolean stopped;
        private volatile Throwable failure = new IllegalStateException("not ended");

        Appender(Path directory) throws IOException {
            for (int i = 0; i < FILES; i++) {
                files.add(FileChannel.open(
                        directory.resolve("append-" + i), StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND));
            }
            thread.start();
        }

        /** The line of that number, made so that no two are alike. */
        private static byte[] line(int file, int number) {
            int padding = (number * 7919 + file * 104729) % 150 + (number % 97 == 13 ? 8900 : 0);
            return ("file " + file + " line " + number + " "
                            + Character.toString('a' + number % 26).repeat(padding) + "\n")
                    .getBytes(UTF_8);
        }

        /** The first bytes of all that is ever appended to that file. */
        static byte[] stream(int file, int length) {
            ByteBuffer all = ByteBuffer.allocate(length + LINE_BYTES_MAX);
            for (int number = 1; all.position() < length; number++) {
                all.put(line(file, number));
            }
            return Arrays.copyOf(all.array(), length);
        }

        long[] acknowledged() {
            long[] now = new long[FILES];
            Arrays.setAll(now, bytes::get);
            return now;
        }

        private void run() {
            try {
                for (int number = 1; !stopped; number++) {
                    for (int i = 0; i < FILES; i++) {
                        byte[] line = line(i, number);
                        ByteBuffer left = ByteBuffer.wrap(line);
                        while (left.hasRemaining()) {
                            files.get(i).write(left);
                        }
                        bytes.addAndGet(i, line.length);
                    }
                    if (number % 50 == 0) {
                        files.get(number / 50 % FILES).force(false);
                    }
                    Thread.sleep(1);
                }
                failure = new AssertionError("none");
            } catch (IOException | InterruptedException e) {
                failure = e;
            }
        }

        @Override
        public void close() throws IOException {
            stopped = true;
            join(thread);
            for (FileChannel file : files) {
                file.close();
            }
            assertEquals("none", failure.getMessage(), "the appender failed: " + failure);
        }
    }

    /** SQLite with transactions without end; knows how many were committed. */
    private static final class Database implements AutoCloseable {
        private final Process sqlite;
        private final BufferedReader output;
        private final Thread thread = new Thread(this::run, "database");
        private final AtomicLong committed = new AtomicLong();
        private volatile boolean stopped;
        private volatile String trouble = "";

        Database(Path file, String mode) throws IOException {
            ProcessBuilder builder = new ProcessBuilder("sqlite3", "-bail", "-batch", file.toString());
            sqlite = builder.redirectErrorStream(true).start();
            output = new BufferedReader(new InputStreamReader(sqlite.getInputStream(), UTF_8));
            String made = ask("PRAGMA journal_mode=" + mode + ";");
            assertTrue(made.equalsIgnoreCase(mode), made);
            ask("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=50; CREATE TABLE t(n INTEGER PRIMARY KEY, text);"
                    + " CREATE TABLE sums(total); INSERT INTO sums VALUES(0); SELECT 'made';");
            thread.start();
        }

        /** Lines are read as they come; the last one asked for ends the wait. */
        private String ask(String sql) throws IOException {
            Writer in = new OutputStreamWriter(sqlite.getOutputStream(), UTF_8);
            in.write(sql + " SELECT 'end';\n");
            in.flush();
            String answer = "";
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.equals("end")) {
                    return answer;
                }
                answer = line;
            }
            throw new IOException("sqlite3 ended: " + answer);
        }

        private void run() {
            try {
                for (long n = 1; !stopped; n++) {
                    ask("BEGIN IMMEDIATE; INSERT INTO t VALUES(" + n + ", hex(randomblob(" + (1 + n * 131 % 3000)
                            + "))); UPDATE sums SET total = total + " + n + "; COMMIT;");
                    committed.set(n);
                }
            } catch (IOException | UncheckedIOException e) {
                trouble = e.toString();
            }
        }

        long committed() {
            return committed.get();
        }

        @Override
        public void close() throws IOException {
            stopped = true;
            join(thread);
            sqlite.getOutputStream().close();
            if (!ended(sqlite)) {
                String where = Command.kernelStack(sqlite.pid());
                sqlite.destroyForcibly();
                throw new AssertionError("sqlite3 does not end: " + where);
            }
            assertEquals("", trouble);
            assertTrue(committed.get() > 0, "not one transaction was committed");
        }
    }
}

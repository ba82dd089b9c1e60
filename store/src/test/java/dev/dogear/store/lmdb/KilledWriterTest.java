package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.journal.Flusher;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes is killed at random moments; what it had acknowledged is there. */
@Timeout(600)
final class KilledWriterTest {
    private static final int ROUNDS = 3 * Integer.getInteger("dogear.rounds", 1);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path directory = folder.resolve("repository");
        Tables.create(directory, KilledWriter.REPOSITORY, List.of());
        int acknowledged = -1;
        long tail = 0;
        for (int round = 0; round < ROUNDS; round++) {
            acknowledged = Math.max(acknowledged, writeUntilKilled(directory, random));
            try (Flusher flusher = new Flusher();
                    Tables tables = Tables.open(directory, KilledWriter.REPOSITORY, flusher)) {
                String what = "seed " + seed + " round " + round;
                assertTrue(tables.journal().tail() >= tail, what);
                tail = tables.journal().tail();
                require(tables, acknowledged, what);
                TablesTest.requireSound(tables);
            }
        }
        assertTrue(acknowledged > 0);
    }

    /** Returns the last number the writer said was written. */
    private static int writeUntilKilled(Path directory, Random random) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = writer.inputReader(UTF_8)) {
            String first = lines.readLine();
            assertTrue(first != null, "the writer did not start");
            Thread killer = new Thread(() -> sleepAndKill(writer, random.nextInt(400)));
            killer.start();
            int last = lastNumber(first == null ? "" : first, lines);
            killer.join();
            assertTrue(writer.waitFor(10, TimeUnit.SECONDS));
            return last;
        } finally {
            writer.destroyForcibly();
        }
    }

    private static void sleepAndKill(Process writer, int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.destroyForcibly();
    }

    /** A line cut off by the kill does not count: it has no end. */
    private static int lastNumber(String first, BufferedReader lines) throws IOException {
        StringBuilder rest = new StringBuilder(first).append('\n');
        char[] buffer = new char[4096];
        try {
            for (int count = lines.read(buffer); count >= 0; count = lines.read(buffer)) {
                rest.append(buffer, 0, count);
            }
        } catch (IOException e) {
            // The pipe broke; what came before counts.
            assertTrue(rest.length() > 0);
        }
        String[] whole = rest.substring(0, rest.lastIndexOf("\n")).split("\n", -1);
        return Integer.parseInt(whole[whole.length - 1]);
    }

    private static void require(Tables tables, int acknowledged, String what) {
        byte[] count = tables.get(Table.META, KilledWriter.COUNT);
        int last = count == null ? -1 : KilledWriter.number(count);
        assertTrue(last >= acknowledged, what + ": " + last + " of " + acknowledged);
        int[] rows = new int[1];
        tables.scan(Table.OPERATIONS, KilledWriter.bytes(0), false, (key, value) -> {
            assertEquals(rows[0]++, KilledWriter.number(key), what);
            return true;
        });
        assertEquals(last + 1, rows[0], what);
        for (int n = 0; n <= last; n++) {
            ByteBuffer content = KilledWriter.object(n);
            ObjectId id = ObjectId.of(ObjectKind.CHUNK, content);
            byte[] found = tables.objects().read(id, ObjectKind.CHUNK, buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                return bytes;
            });
            assertEquals(content, ByteBuffer.wrap(found), what + " object " + n);
        }
    }
}

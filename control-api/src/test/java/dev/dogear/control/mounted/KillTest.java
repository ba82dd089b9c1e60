package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed at random moments while programs write. What a system call had acknowledged is there after a
 * restart: of a file what was closed or synced, and each create, rename, removal and change of attributes.
 */
final class KillTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KILLS = Integer.getInteger("dogear.rounds", 4);
    private static final int WRITERS = 6;
    private static final int LOAD_MS_MAX = 1_200;
    private static final int LOAD_MS_MIN = 20;
    private static final int HANG_SECONDS = 30;
    private static final int CHECKPOINT_EVERY_MS = 150;

    @TempDir
    Path folder;

    private final ConcurrentLinkedQueue<String> changes = new ConcurrentLinkedQueue<>();

    @Test
    void whatWasAcknowledgedSurvives() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("KillTest: seed " + seed + ", " + KILLS + " kills");
        SplittableRandom random = new SplittableRandom(seed);
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            for (String repository : List.of("one", "two")) {
                dogear.cli("repo", "create", repository);
            }
            dogear.cli("bookmark", "create", "one", "session/1", "--from", "main");
            List<Writer> writers = writers(dogear.mount(), random);
            for (int kill = 1; kill <= KILLS; kill++) {
                killUnderLoad(dogear, writers, random.nextInt(LOAD_MS_MIN, LOAD_MS_MAX));
                dogear.restart();
                verify(dogear, writers, kill);
            }
            long acknowledged = writers.stream().mapToLong(Writer::acknowledged).sum();
            System.out.println("KillTest: " + acknowledged + " operations, " + changes.size() + " checkpoints");
            assertTrue(acknowledged > KILLS, "the writers did something");
        }
    }

    /** The test of the test: where nothing is lost nothing is found wrong, and what is missing is found. */
    @Test
    void writersAgreeWithAnOrdinaryFileSystem() throws Exception {
        Writer writer = new Writer(folder, new SplittableRandom(3));
        Thread thread = new Thread(writer, "writer");
        thread.start();
        TimeUnit.MILLISECONDS.sleep(LOAD_MS_MAX);
        writer.stop();
        thread.join();
        assertNull(writer.failure());
        assertTrue(writer.acknowledged() > KILLS);
        assertNull(writer.compare());
        Path extra = Files.createFile(folder.resolve("extra"));
        assertNotNull(writer.compare());
        Files.delete(extra);
        assertNull(writer.compare());
    }

    private static List<Writer> writers(Path mount, SplittableRandom random) throws IOException {
        List<String> bookmarks = List.of("one/main", "one/session/1", "two/main");
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Path root = mount.resolve(bookmarks.get(i % bookmarks.size())).resolve("writer" + i);
            Files.createDirectory(root);
            writers.add(new Writer(root, random.split()));
        }
        return writers;
    }

    private void killUnderLoad(RunningDogear dogear, List<Writer> writers, int afterMs) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Writer writer : writers) {
            threads.add(new Thread(writer, "writer"));
        }
        threads.add(new Thread(() -> checkpoints(dogear), "checkpoints"));
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.start();
        }
        TimeUnit.MILLISECONDS.sleep(afterMs);
        for (Thread thread : threads) {
            assertTrue(thread.isAlive(), () -> thread.getName() + " ended before the kill");
        }
        dogear.kill9();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
            assertFalse(thread.isAlive(), () -> thread.getName() + " hangs in the dead mount");
        }
        for (Writer writer : writers) {
            if (writer.failure() != null) {
                throw new AssertionError("a writer failed, and not by the kill: " + writer.failure(), writer.failure());
            }
        }
    }

    /** Until the daemon is gone. */
    private void checkpoints(RunningDogear dogear) {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(CHECKPOINT_EVERY_MS);
                UnixHttp.Answer answer = UnixHttp.send(
                        dogear.socket(),
                        "POST",
                        "/v1/local/one/bookmarks/main/checkpoint",
                        "{\"message\":\"under load\"}".getBytes(UTF_8));
                if (answer.status() == 200) {
                    changes.add(
                            JSON.readTree(answer.body()).get("change").get("id").asText());
                }
            }
        } catch (IOException e) {
            return; // Killed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void verify(RunningDogear dogear, List<Writer> writers, int kill) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < writers.size(); i++) {
            String differs = writers.get(i).compare();
            if (differs != null) {
                wrong.add("writer " + i + ": " + differs);
            }
        }
        assertEquals(List.of(), wrong, "after kill " + kill);
        for (String change : changes) {
            JsonNode found = dogear.call("GET", "/v1/local/one/changes/" + change, null);
            assertEquals(change, found.get("id").asText());
        }
        JsonNode report = dogear.call("POST", "/v1/local/check", Map.of());
        assertEquals("[]", report.get("problems").toString(), "check after kill " + kill);
    }
}

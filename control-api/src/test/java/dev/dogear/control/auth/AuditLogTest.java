package dev.dogear.control.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditLogTest {
    @TempDir
    private Path folder;

    @Test
    void goesOnWhereItEnded() {
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "a"));
            log.add(AuditLog.entry().put("repo", "b"));
        }
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "a"));
            assertEquals(List.of(3L, 2L, 1L), ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 10)));
            assertEquals(
                    List.of(3L, 1L),
                    ids(log.read(entry -> entry.path("repo").asText().equals("a"), Instant.EPOCH, Long.MAX_VALUE, 10)));
            assertEquals(List.of(2L), ids(log.read(entry -> true, Instant.EPOCH, 3, 1)));
            assertEquals(List.of(), ids(log.read(entry -> true, Instant.now().plusSeconds(9), Long.MAX_VALUE, 10)));
        }
    }

    @Test
    void aLineThatWasCutOffHidesNoOther() throws IOException {
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "a"));
        }
        Files.writeString(folder.resolve("audit.0.jsonl"), "{\"id\":2,\"at", StandardOpenOption.APPEND);
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "b"));
            assertEquals(List.of(2L, 1L), ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 10)));
        }
    }

    @Test
    void fullFilesArePutAsideAndTheOldestDropped() {
        try (AuditLog log = open(200)) {
            for (int i = 0; i < 100; i++) {
                log.add(AuditLog.entry().put("repo", "a"));
            }
            List<Long> ids = ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 1000));
            assertEquals(100L, ids.get(0));
            assertTrue(ids.size() > AuditLog.FILES_KEPT && ids.size() < 100, ids.toString());
            for (int i = 1; i < ids.size(); i++) {
                assertEquals(ids.get(i - 1) - 1, ids.get(i));
            }
        }
        assertFalse(Files.exists(folder.resolve("audit." + (AuditLog.FILES_KEPT + 1) + ".jsonl")));
        try (AuditLog log = open(200)) {
            log.add(AuditLog.entry());
            assertEquals(List.of(101L), ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 1)));
        }
    }

    @Test
    void whatAPowerCutLeavesOfALineNeedBeNoText() throws IOException {
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "a"));
        }
        byte[] torn = ("{\"id\":2,\"at\":\"\",\"by\":\"" + "ü").getBytes(StandardCharsets.UTF_8);
        append(Arrays.copyOf(torn, torn.length - 1));
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "b"));
        }
        append(new byte[4096]);
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "c"));
            assertEquals(List.of(3L, 2L, 1L), all(log));
        }
    }

    private void append(byte[] bytes) throws IOException {
        Files.write(folder.resolve("audit.0.jsonl"), bytes, StandardOpenOption.APPEND);
    }

    @Test
    void aPurgedTimeHidesNothing() throws IOException {
        try (AuditLog log = open(1 << 20)) {
            log.add(AuditLog.entry().put("repo", "a"));
        }
        append("{\"id\":2,\"at\":\"**********\"}\n".getBytes(StandardCharsets.UTF_8));
        try (AuditLog log = open(1 << 20)) {
            assertEquals(List.of(2L, 1L), all(log));
        }
    }

    @Test
    void pagesGoFromTheNewestEntryToTheOldestWhateverTheirLength() {
        SplittableRandom random = new SplittableRandom(3);
        try (AuditLog log = open(1 << 20)) {
            for (int i = 0; i < 600; i++) {
                log.add(AuditLog.entry().put("asked", "x".repeat(random.nextInt(1 << random.nextInt(4, 16)))));
            }
            List<Long> all = all(log);
            assertTrue(Files.exists(folder.resolve("audit.1.jsonl")), "a cursor has files to pass over");
            List<Long> paged = new ArrayList<>();
            for (long before = Long.MAX_VALUE; paged.size() < all.size(); before = paged.get(paged.size() - 1)) {
                List<Long> page = ids(log.read(entry -> true, Instant.EPOCH, before, 7));
                assertEquals(Math.min(7, all.size() - paged.size()), page.size());
                paged.addAll(page);
            }
            assertEquals(all, paged);
        }
    }

    /** A limit of the length of files stands for a full disk: it takes a part of a line, too. */
    @Test
    void aLineThatFindsNoSpaceLeavesNothingOfItself() throws Exception {
        Process limited = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -f 1; exec \"$0\" -XX:-UsePerfData -cp \"$1\" \"$2\" \"$3\"",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        System.getProperty("java.class.path"),
                        Limited.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, limited.waitFor());
        List<String> lines = Files.readAllLines(folder.resolve("audit.0.jsonl"));
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.get(1).contains("short"), lines.toString());
        try (AuditLog log = open(1 << 20)) {
            assertEquals(List.of(2L, 1L), all(log));
        }
    }

    /** Adds entries where a file may have 1,024 bytes. */
    static final class Limited {
        private Limited() {}

        public static void main(String[] arguments) {
            try (AuditLog log = AuditLog.open(Path.of(arguments[0]), Clock.systemUTC(), 1 << 20)) {
                log.add(AuditLog.entry().put("repo", "first"));
                log.add(AuditLog.entry().put("repo", "long".repeat(1000)));
                log.add(AuditLog.entry().put("repo", "short"));
            }
        }
    }

    @Test
    void readersMissNothingWhileFilesArePutAside() throws InterruptedException {
        try (AuditLog log = open(2_000)) {
            log.add(AuditLog.entry());
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    log.add(AuditLog.entry().put("repo", "a"));
                }
            });
            writer.start();
            while (writer.isAlive()) {
                List<Long> ids = ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 60));
                for (int i = 1; i < ids.size(); i++) {
                    assertEquals(ids.get(i - 1) - 1, ids.get(i), ids.toString());
                }
            }
        }
    }

    private static List<Long> all(AuditLog log) {
        return ids(log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 1_000));
    }

    private AuditLog open(long bytesMax) {
        return AuditLog.open(folder, Clock.systemUTC(), bytesMax);
    }

    private static List<Long> ids(List<JsonNode> entries) {
        return entries.stream().map(entry -> entry.path("id").asLong()).toList();
    }
}

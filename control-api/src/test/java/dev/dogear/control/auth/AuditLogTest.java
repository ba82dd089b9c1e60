package dev.dogear.control.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
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

    private AuditLog open(long bytesMax) {
        return AuditLog.open(folder, Clock.systemUTC(), bytesMax);
    }

    private static List<Long> ids(List<JsonNode> entries) {
        return entries.stream().map(entry -> entry.path("id").asLong()).toList();
    }
}

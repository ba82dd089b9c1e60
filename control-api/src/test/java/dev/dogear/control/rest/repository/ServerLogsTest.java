package dev.dogear.control.rest.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.store.tree.purge.Secrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerLogsTest {
    @TempDir
    private Path server;

    @ParameterizedTest
    @ValueSource(
            strings = {"password=hunter2", "pass\"word\\n", "-----BEGIN KEY-----\nMII\tabc\n-----END", "pässwörd\u0001"
            })
    void aSecretIsOverwrittenHoweverAMessageSpellsIt(String secret) throws IOException {
        try (AuditLog log = AuditLog.open(server, Clock.systemUTC(), 1 << 20)) {
            log.add(AuditLog.entry().put("message", "leaks " + secret + " here"));
            assertEquals(1, new ServerLogs(server).overwrite(secrets(secret)));
            log.add(AuditLog.entry().put("message", "later"));
            List<JsonNode> read = log.read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 9);
            assertEquals("later", read.get(0).path("message").asText());
            String left = read.get(1).path("message").asText();
            assertTrue(left.matches("leaks \\*+ here"), left);
        }
    }

    @Test
    void whatIsNoLogIsLeftAsItIs() throws IOException {
        List<String> logs = List.of("audit.0.jsonl", "audit.3.jsonl", "daemon.0.log", "daemon.2.log", "daemon.out");
        List<String> others = List.of("daemon.command", "daemon.options", "daemon.0.log.lck");
        for (String name : logs) {
            Files.writeString(server.resolve(name), "a secret value\n");
        }
        for (String name : others) {
            Files.writeString(server.resolve(name), "a secret value\n");
        }
        assertEquals(logs.size(), new ServerLogs(server).overwrite(secrets("secret value")));
        for (String name : logs) {
            assertFalse(Files.readString(server.resolve(name)).contains("secret"), name);
        }
        for (String name : others) {
            assertEquals("a secret value\n", Files.readString(server.resolve(name)));
        }
    }

    private static Secrets secrets(String text) {
        return Secrets.of(List.of(text.getBytes(StandardCharsets.UTF_8)), List.of());
    }
}

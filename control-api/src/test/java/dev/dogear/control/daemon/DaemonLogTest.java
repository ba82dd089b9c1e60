package dev.dogear.control.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class DaemonLogTest {
    private static LogRecord entry() {
        LogRecord entry = new LogRecord(Level.WARNING, "two\nlines of {0}");
        entry.setLoggerName("a.b");
        entry.setParameters(new Object[] {"text"});
        entry.setThrown(new IllegalStateException("reason"));
        return entry;
    }

    @Test
    void anEntryIsOneLine() {
        String line = DaemonLog.formatter(null).format(entry());
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains(" WARNING a.b: two\\nlines of text | java.lang.IllegalStateException: reason"), line);
    }

    @Test
    void anEntryIsAnObjectForPrograms() throws IOException {
        String line = DaemonLog.formatter("json").format(entry());
        assertEquals(1, line.lines().count(), line);
        JsonNode object = new ObjectMapper().readTree(line);
        assertEquals("two\nlines of text", object.path("message").asText());
        assertEquals("WARNING", object.path("level").asText());
        assertTrue(object.path("trace").asText().contains("IllegalStateException: reason"), line);
    }
}

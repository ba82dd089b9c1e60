package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Commands run in a bookmark's directory, and what the command line then tells of their work. */
final class RunVerbTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    @Test
    void aCommandIsACheckpointAndItsStatusIsPassedOn() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", "app"));
            CliResult done = dogear.tryCli("run", "app/main", "--", "sh", "-c", "printf 'a\\nb\\n' > f; pwd");
            assertEquals(0, done.exit(), done.describe());
            assertTrue(done.out().strip().endsWith("/app/main"), done.describe());
            CliResult failed =
                    dogear.tryCli("run", "app/main", "--meta", "run=7", "--", "sh", "-c", "echo c >> f; exit 42");
            assertEquals(42, failed.exit(), failed.describe());
            JsonNode changes =
                    dogear.call("GET", "/v1/local/app/log?paths=f", null).path("changes");
            assertEquals(2, changes.size());
            assertEquals(
                    "sh -c echo c >> f; exit 42\n\nrun: 7\nexit-status: 42",
                    changes.path(0).path("message").asText());
            assertEquals(
                    127,
                    dogear.tryCli("run", "app/main", "--", "sh", "-c", "no-such-command")
                            .exit());
            assertEquals(
                    1,
                    dogear.tryCli("run", "app/main", "--", "/no/such/command").exit());
            assertEquals(2, dogear.tryCli("run", "app/main").exit());
            assertEquals(3, dogear.tryCli("run", "app/none", "--", "true").exit());
            String annotated = dogear.cli("annotate", "app/main", "f");
            assertTrue(annotated.contains("run=7 exit-status=42 | c"), annotated);
            assertTrue(annotated.contains("| a\n"), annotated);
            String log = dogear.cli("log", "app/main", "--meta", "run=7", "--since", "1h");
            assertEquals(1, log.lines().count(), log);
            assertFalse(log.contains("\u001b"), "no colours in a pipe");
            Files.writeString(dogear.mount().resolve("app/main/f"), "a\nB\n");
            String stat = dogear.cli("diff", "app/main", "--stat");
            assertTrue(stat.contains("f | 3 +--"), stat);
            assertEquals(
                    "1 paths, 1 lines added, 2 deleted",
                    stat.lines().reduce((a, b) -> b).orElse(""));
            String amended = dogear.cli("checkpoint", "app/main", "--amend", "--meta", "run=8");
            assertTrue(amended.contains("is now at commit"), amended);
            assertEquals(2, dogear.cli("log", "app/main", "--", "f").lines().count());
            assertEquals(
                    1, dogear.cli("log", "app/main", "--meta", "run=8").lines().count());
        }
    }
}

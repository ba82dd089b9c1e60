package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a protected bookmark's directory changes by an approved merge alone, whatever a program holds or calls. */
final class AroundApprovalTest {
    private static final String R = "/v1/local/app";

    @TempDir
    Path folder;

    @Test
    void noCallOfAProgramChangesIt() throws Exception {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "app");
            Path main = dogear.mount().resolve("app/main");
            Files.writeString(main.resolve("a"), "kept as it is\n");
            Files.setAttribute(main.resolve("a"), "user:kept", ByteBuffer.wrap(new byte[] {'1'}));
            Files.writeString(Files.createDirectory(main.resolve("d")).resolve("b"), "b\n");
            dogear.cli("checkpoint", "app/main", "-m", "first");
            dogear.cli("bookmark", "create", "app", "proposal/x-1");
            Path beside = dogear.mount().resolve("app/proposal/x-1");
            Files.writeString(beside.resolve("outside"), "from outside\n");
            dogear.cli("checkpoint", "app/proposal/x-1", "-m", "outside");
            Path volume = folder.resolve("volume");
            dogear.cli("mount", "app/main", volume.toString());
            String before = listing(dogear, main, "+");
            String beforeWithTimes = listing(dogear, main, "full-iso");

            String head = bookmark(dogear).path("change_id").asText();

            assertEquals("", triedAround(dogear, main, beside, volume));

            assertSoonReads("kept as it is\n", main.resolve("a"));
            assertSoonReads("kept as it is\n", volume.resolve("a"));
            // The kernel goes on to show the time of a write to its own cache.
            assertEquals(before, listing(dogear, main, "+"));
            assertEquals(0, bookmark(dogear).path("edits").asInt());
            assertEquals(head, bookmark(dogear).path("change_id").asText());
            // What was refused is not there after a restart either.
            dogear.cli("umount", volume.toString());
            dogear.restart();
            assertEquals("kept as it is\n", Files.readString(main.resolve("a")));
            assertEquals(beforeWithTimes, listing(dogear, main, "full-iso"));
            assertTrue(bookmark(dogear).path("protected").asBoolean());
            assertNotEquals(
                    0,
                    dogear.command("sh", "-c", "echo x > \"$0/a\"", main.toString())
                            .tryRun()
                            .exit());
            mergedWithApproval(dogear, main);
        }
    }

    private static String listing(RunningDogear dogear, Path directory, String times) {
        return dogear.command("sh", "-c", "cd \"$0\" && ls -lRn --time-style=" + times, directory.toString())
                .run();
    }

    private static JsonNode bookmark(RunningDogear dogear) {
        return dogear.call("GET", R + "/bookmarks/main", null);
    }

    /** Protects the bookmark while a program has files of it open, and says what that program was not refused. */
    private String triedAround(RunningDogear dogear, Path main, Path beside, Path volume) throws Exception {
        Path script = folder.resolve("around.py");
        try (InputStream text = AroundApprovalTest.class.getResourceAsStream("around.py")) {
            Files.copy(Objects.requireNonNull(text), script);
        }
        Process program = new ProcessBuilder(
                        "python3", script.toString(), main.toString(), beside.toString(), volume.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said = program.inputReader(UTF_8)) {
            assertEquals("ready", said.readLine());
            dogear.call("POST", R + "/bookmarks/main/protection", Map.of("protected", true));
            program.getOutputStream().write('\n');
            program.getOutputStream().flush();
            String tried = said.lines().collect(Collectors.joining("\n"));
            assertTrue(program.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, program.exitValue(), tried);
            return tried;
        } finally {
            program.destroyForcibly();
        }
    }

    /** By the command, as people do it; what is seen is what is merged. */
    private static void mergedWithApproval(RunningDogear dogear, Path main) throws IOException {
        dogear.cli("config", "app", "approvals=1");
        dogear.cli("propose", "app/proposal/x-1", "-m", "bring it in");
        CliResult refused = dogear.tryCli("merge", "app", "--into", "main", "--from", "proposal/x-1");
        assertEquals(1, refused.exit(), refused.describe());
        assertFalse(Files.exists(main.resolve("outside")));
        Path source = dogear.mount().resolve("app/proposal/x-1");
        Files.writeString(source.resolve("sneaked"), "in\n");
        assertEquals(4, dogear.tryCli("approve", "app", "1", "--yes").exit());
        Files.delete(source.resolve("sneaked"));
        CliResult no = dogear.tryCliOnTerminal("n", "approve", "app", "1");
        assertEquals(1, no.exit(), no.describe());
        assertTrue(no.out().contains("\u001b[32m+from outside\u001b[0m"), no.describe());
        assertTrue(no.out().contains("Nothing was done."), no.describe());
        assertEquals(
                0,
                dogear.call("GET", R + "/proposals/1", null).path("approvals").size());
        CliResult yes = dogear.tryCliOnTerminal("y", "approve", "app", "1");
        assertEquals(0, yes.exit(), yes.describe());
        assertTrue(yes.out().contains("Approved proposal 1"), yes.describe());
        // An edit that comes after it was approved is not merged along.
        Files.writeString(source.resolve("sneaked"), "in\n");
        assertEquals(
                1,
                dogear.tryCli("merge", "app", "--into", "main", "--from", "proposal/x-1")
                        .exit());
        dogear.cli("undo", "app/proposal/x-1");
        dogear.cli("merge", "app", "--into", "main", "--from", "proposal/x-1");
        assertEquals("from outside\n", Files.readString(main.resolve("outside")));
        assertFalse(Files.exists(main.resolve("sneaked")));
        assertEquals(
                List.of("merged"),
                dogear.call("GET", R + "/proposals?state=all", null).findValuesAsText("state"));
    }

    /** What was refused is forgotten by another thread. */
    private static void assertSoonReads(String text, Path file) throws IOException, InterruptedException {
        for (int tries = 100; tries > 0 && !text.equals(Files.readString(file)); tries--) {
            Thread.sleep(50);
        }
        assertEquals(text, Files.readString(file));
    }
}

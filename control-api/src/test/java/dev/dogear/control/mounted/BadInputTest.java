package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user gets wrong is refused with a reason, changes nothing, and the daemon goes on. */
final class BadInputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BOOKMARKS = "/v1/local/app/bookmarks";
    private static final String VIRTUAL_ROOT = "z".repeat(32);

    @TempDir
    Path folder;

    @Test
    void wrongNamesAreRefused() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "app");
            dogear.cli("bookmark", "create", "app", "session/1");
            Path file = dogear.mount().resolve("app/session/1/file");
            Files.writeString(file, "kept");
            JsonNode before = dogear.call("GET", BOOKMARKS, null);
            refusesBookmarks(dogear);
            refusesRepositories(dogear);
            refusesPaths(dogear);
            assertEquals(names(before), names(dogear.call("GET", BOOKMARKS, null)));
            assertEquals(
                    1, dogear.call("GET", "/v1/local/repos", null).get("repos").size());
            assertEquals("kept", Files.readString(file));
        }
    }

    private static List<String> names(JsonNode page) {
        return page.get("bookmarks").findValuesAsText("name");
    }

    private static void refusesBookmarks(RunningDogear dogear) {
        List<String> wrong = List.of(
                "..",
                ".",
                "",
                "a//b",
                "/a",
                "a/",
                "a/../b",
                "a/./b",
                "a\u0001b",
                "a\nb",
                "a\u007fb",
                "a\u0000b",
                "a\\b",
                "-a",
                "@a",
                ".hidden",
                "a.lock",
                "a".repeat(256),
                "x/" + "ü".repeat(128),
                ("p/".repeat(511) + "last"),
                "e\u0301");
        for (String name : wrong) {
            refused(dogear, 400, "POST", BOOKMARKS, Map.of("name", name, "change_id", VIRTUAL_ROOT));
        }
        // A prefix directory of another, a twin, and the same again.
        for (String name : List.of("session", "session/1/more", "main/x", "Session/1", "MAIN", "session/1")) {
            UnixHttp.Answer answer = dogear.tryCall("POST", BOOKMARKS, Map.of("name", name, "change_id", VIRTUAL_ROOT));
            assertTrue(answer.status() == 400 || answer.status() == 409, name + " gave " + answer.status());
            reason(answer);
        }
        refused(dogear, 404, "DELETE", BOOKMARKS + "/nobody", Map.of());
        refused(dogear, 404, "POST", BOOKMARKS + "/nobody/checkpoint", Map.of("message", "x"));
        refused(dogear, 404, "POST", BOOKMARKS, Map.of("name", "x", "change_id", "k".repeat(32)));
        refused(dogear, 400, "POST", BOOKMARKS, Map.of("name", "x", "change_id", "not an id"));
        CliResult prefix = dogear.tryCli("bookmark", "create", "app", "session");
        assertNotEquals(0, prefix.exit());
        assertTrue(prefix.err().contains("session"), prefix.describe());
    }

    private static void refusesRepositories(RunningDogear dogear) {
        List<String> wrong = List.of("..", ".", "a/b", "A", "ü", "a b", "a\nb", "whoami", "repos", "a".repeat(101));
        for (String name : wrong) {
            refused(dogear, 400, "POST", "/v1/local/repos", Map.of("name", name));
        }
        refused(dogear, 409, "POST", "/v1/local/repos", Map.of("name", "app"));
        refused(dogear, 404, "GET", "/v1/local/unknown", null);
        refused(dogear, 404, "POST", "/v1/local/unknown/bookmarks/main/checkpoint", Map.of("message", "x"));
        refused(dogear, 404, "DELETE", "/v1/local/unknown", Map.of());
        // What a client makes of a bookmark called "..": it must not delete the repository.
        UnixHttp.Answer answer = dogear.tryCall("DELETE", "/v1/local/app/", Map.of());
        assertTrue(answer.status() >= 400, "a trailing slash gave " + answer.status());
        CliResult unknown = dogear.tryCli("checkpoint", "unknown/main", "-m", "x");
        assertNotEquals(0, unknown.exit());
        assertTrue(unknown.err().contains("unknown"), unknown.describe());
    }

    private static void refusesPaths(RunningDogear dogear) throws IOException {
        Path main = dogear.mount().resolve("app/main");
        FileSystemException tooLong =
                assertThrows(FileSystemException.class, () -> Files.writeString(main.resolve("n".repeat(256)), "x"));
        assertEquals("File name too long", tooLong.getReason());
        Path longest = main.resolve("n".repeat(255));
        Files.writeString(longest, "x");
        Files.delete(longest);
        // Levels above bookmarks are not anybody's to change.
        assertThrows(
                FileSystemException.class,
                () -> Files.createDirectory(dogear.mount().resolve("new")));
        assertThrows(
                FileSystemException.class,
                () -> Files.createDirectory(dogear.mount().resolve("app/new")));
        assertThrows(
                FileSystemException.class, () -> Files.delete(dogear.mount().resolve("app/main")));
        for (String target : List.of("/etc/passwd/x", dogear.mount().resolve("app/main") + "", "/")) {
            UnixHttp.Answer answer = dogear.tryCall(
                    "POST", "/v1/local/mounts", Map.of("repo", "app", "bookmark", "main", "path", target));
            assertTrue(answer.status() >= 400, target + " gave " + answer.status());
            reason(answer);
        }
    }

    private static void refused(RunningDogear dogear, int status, String method, String route, @Nullable Object body) {
        UnixHttp.Answer answer = dogear.tryCall(method, route, body);
        assertEquals(status, answer.status(), () -> method + " " + route + " " + body + ": " + reason(answer));
        reason(answer);
    }

    /** The reason an error gives, which there must be. */
    private static String reason(UnixHttp.Answer answer) {
        try {
            JsonNode error = JSON.readTree(answer.body()).get("error");
            assertTrue(error.get("code").asText().matches("[A-Z_]+"), error.toString());
            assertTrue(error.get("message").asText().length() > 10, error.toString());
            return error.toString();
        } catch (IOException e) {
            throw new AssertionError(new String(answer.body(), UTF_8), e);
        }
    }

    @Test
    void aSecondDaemonOnTheSameDataIsRefusedWithTheFirstOnesPid() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            dogear.cli("repo", "create", "app");
            Path other = Files.createDirectory(folder.resolve("other"));
            CliResult second = dogear.tryCli(
                    "up",
                    "--data",
                    dogear.data().toString(),
                    "--mount",
                    other.resolve("mount").toString(),
                    "--socket",
                    other.resolve("run/socket").toString());
            assertEquals(4, second.exit(), second.describe());
            assertTrue(second.err().contains(Long.toString(dogear.pid())), second.describe());
            Files.writeString(dogear.mount().resolve("app/main/file"), "goes on");
            CliResult occupied = dogear.tryCli(
                    "up",
                    "--data",
                    other.resolve("data").toString(),
                    "--mount",
                    dogear.mount().toString(),
                    "--socket",
                    other.resolve("run/socket").toString());
            assertNotEquals(0, occupied.exit(), occupied.describe());
            assertTrue(occupied.err().contains(dogear.mount().toString()), occupied.describe());
            assertEquals("goes on", Files.readString(dogear.mount().resolve("app/main/file")));
        }
    }

    @Test
    void aMountPointThatIsNoEmptyDirectoryIsRefused() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            Path full = Files.createDirectory(folder.resolve("full"));
            Path precious = Files.writeString(full.resolve("precious"), "kept");
            for (Path mount : List.of(full, precious)) {
                CliResult result = dogear.tryCli(
                        "up",
                        "--data",
                        folder.resolve("data2").toString(),
                        "--mount",
                        mount.toString(),
                        "--socket",
                        folder.resolve("run2/socket").toString());
                assertEquals(1, result.exit(), result.describe());
                assertTrue(result.err().contains(mount.toString()), result.describe());
                String reason = mount.equals(full) ? "not empty" : "not a directory";
                assertTrue(result.err().contains(reason), result.describe());
            }
            dogear.cli("repo", "create", "app");
            for (Path volume : List.of(full, precious)) {
                CliResult result = dogear.tryCli("mount", "app/main", volume.toString());
                assertNotEquals(0, result.exit(), result.describe());
                assertTrue(result.err().contains(volume.toString()), result.describe());
            }
            assertEquals("kept", Files.readString(precious));
        }
    }

    @Test
    void aStaleSocketIsReplacedAndAnotherFileIsNot() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            Path run = folder.resolve("run3");
            Path socket = run.resolve("socket");
            Path data = folder.resolve("data3");
            Path mount = folder.resolve("mount3");
            List<String> up = List.of(
                    "up", "--data", data.toString(), "--mount", mount.toString(), "--socket", socket.toString());
            Files.createDirectory(run);
            Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
            Files.writeString(socket, "a file of somebody");
            CliResult file = dogear.tryCli(up.toArray(String[]::new));
            assertNotEquals(0, file.exit(), file.describe());
            assertTrue(file.err().contains(socket.toString()), file.describe());
            assertEquals("a file of somebody", Files.readString(socket));
            Files.delete(socket);
            try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                stale.bind(UnixDomainSocketAddress.of(socket));
            }
            assertTrue(Files.exists(socket));
            CliResult started = dogear.tryCli(up.toArray(String[]::new));
            assertEquals(0, started.exit(), started.describe());
            CliResult down = dogear.tryCli("down", "--socket", socket.toString());
            assertEquals(0, down.exit(), down.describe());
        }
    }
}

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each practice by the requests of the published client (over the network, with a key), by the mount and by the command.
 *
 * <table>
 * <caption>Practices and their tests</caption>
 * <tr><td>repository per project</td><td>here, {@link ManyRepositoriesTest} (cost), AuthorizationTest (rights),
 *     SettingsTest (limits)</td></tr>
 * <tr><td>timeline per session, checkpoint per prompt, undo of the last prompt</td><td>here, {@link UndoMountTest}</td></tr>
 * <tr><td>proposal with diff and approval, review by people</td><td>ProposalTest, ProposalsTest,
 *     ProposalVerbsTest, {@link PublishedClientTest}</td></tr>
 * <tr><td>short-lived bookmarks</td><td>here, TrashTest (the rule that deletes them)</td></tr>
 * <tr><td>main is promoted state</td><td>here, ProtectedBookmarkTest, ProtectionTest</td></tr>
 * <tr><td>keys with the least rights</td><td>AuthorizationTest (the matrix), here (over the network)</td></tr>
 * <tr><td>metadata in messages</td><td>here</td></tr>
 * <tr><td>latency is tracked</td><td>MetricsTest</td></tr>
 * <tr><td>naming rules and limits</td><td>SettingsTest (REST), DogearTest (command), {@link LimitsTest} (mount), here</td></tr>
 * <tr><td>retention per project</td><td>GarbageCollectorTest, {@link LimitsTest} (space is back), here</td></tr>
 * <tr><td>a lost answer asked for again</td><td>LostAnswerTest</td></tr>
 * </table>
 */
final class PracticesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path folder;

    private static RunningDogear dogear;
    private static String url;
    private static String key;

    @BeforeAll
    static void start() throws IOException {
        dogear = RunningDogear.start(Files.createDirectories(folder.resolve("d")), "--listen", "127.0.0.1:0");
        url = "http://"
                + dogear.call("GET", "/v1/local/status", null).path("listen").asText() + "/v1/local/";
        key = dogear.cli("key", "create", "--scope", "write", "--name", "agent").strip();
    }

    @AfterAll
    static void close() {
        dogear.close();
    }

    /** What the network answers. */
    private record Reply(int status, JsonNode json) {}

    private static Reply ask(String method, String path, String body, String withKey)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + withKey)
                .header("Content-Type", "application/json")
                .build();
        HttpResponse<String> reply = CLIENT.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        return new Reply(reply.statusCode(), JSON.readTree(reply.body()));
    }

    private static JsonNode ok(String method, String path, String body) throws IOException, InterruptedException {
        Reply reply = ask(method, path, body, key);
        assertTrue(reply.status() < 300, method + " " + path + ": " + reply.json());
        return reply.json();
    }

    /** A repository with one file, as the client makes it. */
    private static String repository(String name) throws IOException, InterruptedException {
        ok("POST", "repos", "{\"name\":\"" + name + "\"}");
        return prompt(name, "main", "begin", "a.txt", "one\n");
    }

    /** A checkpoint as the client makes it: a change, to which the bookmark then moves. */
    private static String prompt(String repo, String bookmark, String message, String path, String text)
            throws IOException, InterruptedException {
        String place = repo + "/bookmarks/" + bookmark.replace("/", "%2F");
        String base = ok("GET", place, "").path("change_id").asText();
        String content = Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
        String id = ok(
                        "POST",
                        repo + "/changes",
                        "{\"base_change_id\":\"" + base + "\",\"message\":\"" + message
                                + "\",\"author\":{\"name\":\"A\",\"email\":\"a@x\"},\"files\":[{\"path\":\"" + path
                                + "\",\"content\":\"" + content + "\"}]}")
                .path("id")
                .asText();
        ok("PATCH", place, "{\"change_id\":\"" + id + "\"}");
        return id;
    }

    private static void session(String repo, String name, String at) throws IOException, InterruptedException {
        ok("POST", repo + "/bookmarks", "{\"name\":\"" + name + "\",\"change_id\":\"" + at + "\"}");
    }

    private static Path shown(String path) {
        return dogear.mount().resolve(path);
    }

    private static Map<String, String> tree(Path directory) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(directory.relativize(file).toString(), Files.readString(file));
            }
        }
        return found;
    }

    @Test
    void aRepositoryPerProject() throws Exception {
        repository("project-a");
        dogear.cli("repo", "create", "project-b");
        dogear.cli("config", "project-a", "retention=90d", "bookmarks=2");
        assertTrue(Files.isDirectory(shown("project-b/main")));
        assertEquals(
                "30d",
                dogear.call("GET", "/v1/local/project-b/config", null)
                        .at("/settings/retention/value")
                        .asText());
        String only = dogear.cli("key", "create", "--repo", "project-b", "--scope", "write")
                .strip();
        assertEquals(404, ask("GET", "project-a", "", only).status(), "a key of one learns nothing of the other");
        assertEquals(200, ask("GET", "project-b", "", only).status());
        String head = ok("GET", "project-a", "").path("head_change_id").asText();
        session("project-a", "session/1", head);
        String third = "{\"name\":\"session/2\",\"change_id\":\"" + head + "\"}";
        assertEquals(429, ask("POST", "project-a/bookmarks", third, key).status());
        assertFalse(Files.exists(shown("project-a/session/2")));
        assertEquals(
                1, dogear.tryCli("bookmark", "create", "project-a", "session/2").exit());
        assertThrows(IOException.class, () -> Files.createDirectory(shown("project-a/session/2")));
    }

    @Test
    void twoSessionsAtOnceAndOneIsUndone() throws Exception {
        String head = repository("sessions");
        session("sessions", "session/1", head);
        dogear.cli("bookmark", "create", "sessions", "session/2");
        Path one = shown("sessions/session/1");
        Path two = shown("sessions/session/2");
        String before = prompt("sessions", "session/1", "prompt: first", "b.txt", "b\n");
        Map<String, String> firstPrompt = tree(one);
        // A second prompt whose tool works with the files: edited, new, deleted, renamed.
        dogear.command("sh", "-c", "echo two >> a.txt && mkdir d && echo n > d/new && rm b.txt && mv a.txt c.txt")
                .in(one)
                .run();
        Files.writeString(two.resolve("other"), "other\n");
        dogear.cli("checkpoint", "sessions/session/1", "-m", "prompt: second", "--meta", "run=2");
        Map<String, String> secondPrompt = tree(one);
        assertEquals(Map.of("c.txt", "one\ntwo\n", "d/new", "n\n"), secondPrompt);
        // Each prompt's state is read back: by its id in the mount, by the content of a change.
        assertEquals(firstPrompt, tree(shown("sessions/@" + before)));
        JsonNode read = ok("GET", "sessions/content?change_id=" + before + "&path=b.txt", "");
        assertEquals(
                "b\n",
                new String(Base64.getDecoder().decode(read.path("content").asText()), UTF_8));
        dogear.cli("undo", "sessions/session/1");
        assertEquals(firstPrompt, tree(one));
        dogear.cli("redo", "sessions/session/1");
        assertEquals(secondPrompt, tree(one));
        ok("PATCH", "sessions/bookmarks/session%2F1", "{\"change_id\":\"" + before + "\"}");
        assertEquals(firstPrompt, tree(one), "as the client undoes");
        // Edits of a shell that nobody checkpointed are undone, and come back, too.
        dogear.command("sh", "-c", "echo more >> a.txt && rm b.txt && echo 1 > .dogear/undo")
                .in(one)
                .run();
        assertEquals(firstPrompt, tree(one));
        dogear.command("sh", "-c", "echo 1 > .dogear/redo").in(one).run();
        assertEquals(Map.of("a.txt", "one\nmore\n"), tree(one));
        assertEquals(Map.of("a.txt", "one\n", "other", "other\n"), tree(two), "the other session never noticed");
        assertEquals(Map.of("a.txt", "one\n"), tree(shown("sessions/main")), "none is mixed on main");
    }

    @Test
    void metadataIsFoundWhoeverWroteIt() throws Exception {
        repository("traced");
        prompt("traced", "main", "prompt: by client\\n\\nrun: 7", "b", "1");
        Files.writeString(shown("traced/main/b"), "2");
        dogear.cli("checkpoint", "traced/main", "-m", "prompt: by command", "--meta", "run=7");
        Files.writeString(shown("traced/main/b"), "3");
        dogear.command("sh", "-c", "printf 'prompt: by file\\n\\nrun: 7\\n' | cat > .dogear/checkpoint")
                .in(shown("traced/main"))
                .run();
        String found = dogear.cli("log", "traced/main", "--meta", "run=7");
        for (String who : List.of("by client", "by command", "by file")) {
            assertTrue(found.contains(who), found);
        }
        List<String> messages = new ArrayList<>();
        ok("GET", "traced/log?meta.run=7", "")
                .path("changes")
                .forEach(change -> messages.add(change.path("message").asText()));
        assertEquals(3, messages.size(), messages.toString());
        assertTrue(messages.stream().allMatch(message -> message.endsWith("\n\nrun: 7")), messages.toString());
    }

    @Test
    void mainIsPromotedStateByEveryWay() throws Exception {
        String head = repository("promoted");
        dogear.cli("bookmark", "protect", "promoted", "main");
        Path main = shown("promoted/main");
        CliResult written = dogear.command("sh", "-c", "echo x > new").in(main).tryRun();
        assertTrue(written.exit() != 0 && written.describe().contains("Read-only file system"), written.describe());
        String move = "{\"change_id\":\"" + "z".repeat(32) + "\"}";
        assertEquals(403, ask("PATCH", "promoted/bookmarks/main", move, key).status());
        assertEquals(1, dogear.tryCli("undo", "promoted/main").exit());
        assertEquals(
                1,
                dogear.tryCli("checkpoint", "promoted/main", "-m", "x", "--allow-empty")
                        .exit());
        session("promoted", "proposal/x-1", head);
        prompt("promoted", "proposal/x-1", "prompt: x", "b.txt", "b\n");
        String merge = "{\"target\":\"main\",\"source\":\"proposal/x-1\",\"delete_source\":true}";
        assertTrue(ok("POST", "promoted/bookmarks/merge", merge)
                .path("source_deleted")
                .asBoolean());
        assertEquals(Map.of("a.txt", "one\n", "b.txt", "b\n"), tree(main));
        assertFalse(Files.exists(shown("promoted/proposal/x-1")));
    }

    @Test
    void idleBookmarksAreFoundAndNamesAreRuled() throws Exception {
        String head = repository("ruled");
        session("ruled", "session/idle", head);
        session("ruled", "session/edited", head);
        Files.writeString(shown("ruled/session/edited/new"), "x");
        assertTrue(dogear.cli("bookmark", "list", "ruled", "--idle", "0s").contains("session/idle"));
        assertFalse(dogear.cli("bookmark", "list", "ruled", "--idle", "0s").contains("session/edited"));
        assertEquals(
                "",
                dogear.cli("bookmark", "list", "ruled", "--idle", "configured")
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElse(""));
        assertEquals(
                0, ok("GET", "ruled/bookmarks?idle=1d", "").path("bookmarks").size());
        dogear.cli("config", "ruled", "bookmark.names=session/*|proposal/*");
        String wrong = "{\"name\":\"fix\",\"change_id\":\"" + head + "\"}";
        Reply refused = ask("POST", "ruled/bookmarks", wrong, key);
        assertEquals(400, refused.status());
        assertTrue(refused.json().at("/error/message").asText().contains("session/* or proposal/*"));
        CliResult told = dogear.tryCli("bookmark", "create", "ruled", "fix");
        assertEquals(2, told.exit());
        assertEquals(
                "session/*|proposal/*",
                ok("GET", "limits?repo=ruled", "")
                        .at("/repository/bookmark.names")
                        .asText());
        assertEquals(
                403,
                ask("PATCH", "ruled/config", "{\"bookmark.names\":null}", key).status(),
                "not by write");
    }
}

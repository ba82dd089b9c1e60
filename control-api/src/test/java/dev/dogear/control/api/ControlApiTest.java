package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The routes as a program meets them: a real store, a real socket, requests byte for byte. */
final class ControlApiTest extends LiveTest {
    private static final String ROOT = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
    private static final String R = "/v1/local/app";

    @BeforeEach
    void open() throws IOException {
        assertEquals(201, http.post("/v1/local/repos", "{\"name\":\"app\"}").status());
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(live.socket())));
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(
                        live.socket().resolveSibling("").toAbsolutePath())));
    }

    @Test
    void nothingIsCalledNothing() throws IOException {
        assertEquals(404, http.get(R + "/changes?bookmark=").status());
        assertEquals(404, http.get(R + "/content?revision=").status());
    }

    @Test
    void whoAmIAndTheOrganization() throws IOException {
        JsonNode me = http.get("/v1/whoami").json();
        assertEquals("local", me.path("org").path("slug").asText());
        assertTrue(me.get("key_id").isNull());
        assertEquals(1, http.get("/v1/local").json().path("num_repos").asInt());
        RawHttp.Reply other = http.get("/v1/elsewhere/app");
        assertEquals(404, other.status());
        assertEquals(
                255,
                http.get("/v1/local/limits")
                        .json()
                        .path("bookmark_name")
                        .path("part_bytes_max")
                        .asInt());
    }

    @Test
    void repositoriesAreMadeListedAndDeleted() throws IOException {
        JsonNode made = http.get(R).json();
        assertEquals(ROOT, made.path("head_change_id").asText());
        assertEquals("main", made.path("default_bookmark").asText());
        assertEquals(409, http.post("/v1/local/repos", "{\"name\":\"app\"}").status());
        assertEquals(201, http.post("/v1/local/repos", "{}").status());
        http.post("/v1/local/repos", "{\"name\":\"b\"}");
        JsonNode page = http.get("/v1/local/repos?limit=2").json();
        assertEquals(2, page.path("repos").size());
        assertTrue(page.path("has_more").asBoolean());
        JsonNode rest = http.get("/v1/local/repos?limit=2&cursor="
                        + page.path("next_cursor").asText())
                .json();
        assertEquals(1, rest.path("repos").size());
        assertTrue(rest.get("next_cursor").isNull());
        assertTrue(http.send("DELETE", "/v1/local/b", "").json().path("success").asBoolean());
        assertEquals(404, http.get("/v1/local/b").status());
    }

    @Test
    void repositoriesAreRenamedTaggedAndGetAnotherDefaultBookmark() throws IOException {
        live.write("app", "main", "f", "text");
        checkpoint("main", "{}");
        bookmark("next", "main");
        String id = http.get(R).json().path("id").asText();
        http.post("/v1/local/repos", "{\"name\":\"b\",\"tags\":{\"team\":\"x\"}}");
        assertEquals(
                404,
                patch(R, "{\"default_bookmark\":\"none\",\"tags\":{\"a\":\"1\"}}")
                        .status());
        assertEquals(409, patch(R, "{\"name\":\"b\"}").status());
        assertEquals(
                400, patch(R, "{\"name\":\"repos\",\"tags\":{\"a\":\"1\"}}").status());
        assertEquals(400, patch(R, "{\"tags\":{\"a\":1}}").status());
        assertEquals(400, patch(R, "{\"tags\":{\"\":\"1\"}}").status());
        RawHttp.Reply upstream = patch(R, "{\"upstream\":{\"url\":\"https://h/r\"},\"tags\":{\"a\":\"1\"}}");
        assertEquals(501, upstream.status());
        assertEquals("NOT_IMPLEMENTED", upstream.code());
        assertEquals(0, http.get(R).json().path("tags").size(), "a refused call changes nothing");

        RawHttp.Reply renamed = patch(
                R,
                "{\"name\":\"app2\",\"default_bookmark\":\"next\",\"upstream\":null,"
                        + "\"tags\":{\"team\":\"x\",\"tier\":\"1\"}}");
        assertEquals(200, renamed.status(), renamed.body());
        assertEquals(404, http.get(R).status());
        assertEquals(
                400, http.send("DELETE", "/v1/local/app2/bookmarks/next", "").status());
        assertEquals(
                200, http.send("DELETE", "/v1/local/app2/bookmarks/main", "").status());
        assertEquals(1, repositories("tags=tier%3D1"));
        assertEquals(2, repositories("tags=team"));
        assertEquals(1, repositories("tags=%7B%22team%22%3A%22x%22%2C%22tier%22%3A%221%22%7D"));
        assertEquals(400, http.get("/v1/local/repos?tags=%7B%22team%22%3A1%7D").status());
        String bulk = "{\"repo_ids\":[\"" + id + "\"%s],\"action\":\"remove\",\"key\":\"team\"}";
        assertEquals(
                404,
                patch("/v1/local/repos/tags", String.format(bulk, ",\"none\"")).status());
        assertEquals(2, repositories("tags=team"), "one is missing: none was changed");
        JsonNode updated =
                patch("/v1/local/repos/tags", String.format(bulk, "")).json();
        assertEquals(1, updated.path("updated").asInt());
        assertEquals(1, repositories("tags=team"));

        reopenLive();
        JsonNode again = live.http().get("/v1/local/app2").json();
        assertEquals(id, again.path("id").asText());
        assertEquals("next", again.path("default_bookmark").asText());
        assertEquals("{\"tier\":\"1\"}", again.path("tags").toString());
        assertEquals(200, live.http().get("/v1/local/app2/content?path=f").status());
    }

    private RawHttp.Reply patch(String path, String body) throws IOException {
        return http.send("PATCH", path, body);
    }

    private int repositories(String query) throws IOException {
        return http.get("/v1/local/repos?" + query).json().path("repos").size();
    }

    @Test
    void aTrailingSlashNeverDeletesTheRepository() throws IOException {
        assertEquals(404, http.send("DELETE", R + "/", "").status());
        assertEquals(404, http.send("DELETE", R + "/bookmarks/..", "").status());
        assertEquals(404, http.send("DELETE", R + "/bookmarks/%2E%2E", "").status());
        assertEquals(200, http.get(R).status());
    }

    @Test
    void namesThatBreakARuleAreRefusedWithIt() throws IOException {
        bookmark("session/1", "main");
        String[] wrong = {
            "..",
            "a//b",
            "a/../b",
            "",
            "/a",
            "a/",
            "a\\u0007b",
            "a\\u0000b",
            "x".repeat(256),
            "-a",
            ".a",
            "a.lock",
            "@a",
            "a\\\\b",
            "session",
            "session/1/x",
            "cafe\\u0301"
        };
        for (String name : wrong) {
            RawHttp.Reply reply =
                    http.post(R + "/bookmarks", "{\"name\":\"" + name + "\",\"change_id\":\"" + ROOT + "\"}");
            assertEquals(400, reply.status(), name + " " + reply.body());
            assertEquals("INVALID_ARGUMENT", reply.code());
        }
        assertEquals(
                409,
                http.post(R + "/bookmarks", "{\"name\":\"session/1\",\"from\":\"main\"}")
                        .status());
        for (String name : new String[] {"..", "repos", "whoami", "A", "a/b", "x".repeat(101)}) {
            assertEquals(
                    400,
                    http.post("/v1/local/repos", "{\"name\":\"" + name + "\"}").status(),
                    name);
        }
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        for (String path : new String[] {
            "/v1/local/none",
            "/v1/local/none/bookmarks",
            R + "/bookmarks/none",
            R + "/changes/" + "k".repeat(32),
            R + "/content?path=none",
            R + "/bookmarks/none/edits",
            "/v1",
            "/nothing"
        }) {
            RawHttp.Reply reply = http.get(path);
            assertEquals(404, reply.status(), path + " " + reply.body());
            assertFalse(reply.code().isEmpty());
            assertTrue(reply.head().contains("content-type: application/json"), reply.head());
        }
        assertEquals(404, http.post(R + "/bookmarks/none/checkpoint", "{}").status());
    }

    @Test
    void badRequestsAreToldSo() throws IOException {
        assertEquals(400, http.post("/v1/local/repos", "{\"name\":").status());
        assertEquals(400, http.post("/v1/local/repos", "[1]").status());
        assertEquals(400, http.post("/v1/local/repos", "{\"name\":1}").status());
        assertEquals(400, http.post("/v1/local/repos", "{\"a\":1,\"a\":2}").status());
        assertEquals(400, http.get("/v1/local/repos?limit=0").status());
        assertEquals(400, http.get("/v1/local/repos?limit=101").status());
        assertEquals(400, http.get("/v1/local/repos?cursor=%21").status());
        assertEquals(400, http.get(R + "/changes/abc").status());
        assertEquals(405, http.send("PUT", R, "").status());
        RawHttp.Reply large = http.exchange(
                "POST /v1/local/repos HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n");
        assertEquals(413, large.status());
        RawHttp.Reply noHttp = http.exchange("GET / HTTP/1.1\r\nno header\r\n\r\n");
        assertEquals(400, noHttp.status());
        assertEquals("BAD_REQUEST", noHttp.code());
        assertEquals(404, http.send("OPTIONS", "*", "").status());
    }

    @Test
    void aSessionFromCheckpointToMerge() throws IOException {
        live.write("app", "main", "readme", "one\ntwo\nthree\n");
        JsonNode first = checkpoint("main", "{\"message\":\"first\",\"author\":{\"name\":\"A\",\"email\":\"a@x\"}}");
        assertEquals("A", first.path("change").path("author").path("name").asText());
        bookmark("session/1", "main");
        live.write("app", "session/1", "readme", "one\n2\nthree\n");
        live.write("app", "session/1", "src/new.txt", "new\n");

        JsonNode edits = http.get(R + "/bookmarks/session%2F1/edits").json().path("edits");
        assertTrue(edits.toString().contains("src/new.txt"), edits.toString());
        String patch = http.get(R + "/bookmarks/session%2F1/edits", "Accept: text/plain")
                .body();
        assertTrue(patch.contains("-two\n+2\n"), patch);

        JsonNode second = checkpoint("session%2F1", "{\"message\":\"prompt: 2\",\"metadata\":{\"run\":\"7\"}}");
        String id = second.path("change").path("id").asText();
        assertTrue(second.path("change").path("message").asText().endsWith("run: 7"));
        assertTrue(checkpoint("session%2F1", "{}").path("unchanged").asBoolean());
        assertEquals(
                first.path("change").path("id"),
                http.get(R + "/changes/" + id).json().path("parents").get(0));

        JsonNode undone = http.post(R + "/bookmarks/session%2F1/undo", "{}").json();
        assertEquals(id, undone.path("from_change_id").asText());
        assertEquals(
                404,
                http.get(R + "/content?revision=session/1&path=src/new.txt").status());
        JsonNode redone = http.post(R + "/bookmarks/session%2F1/redo", "{}").json();
        assertEquals(id, redone.path("to_change_id").asText());
        assertEquals(409, http.post(R + "/bookmarks/session%2F1/redo", "{}").status());

        JsonNode merged = http.post(
                        R + "/bookmarks/merge", "{\"target\":\"main\",\"source\":\"session/1\",\"delete_source\":true}")
                .json();
        assertEquals("merge_commit", merged.path("merge_type").asText(), merged.toString());
        assertTrue(merged.path("source_deleted").asBoolean());
        assertEquals(404, http.get(R + "/bookmarks/session%2F1").status());
        JsonNode operations = http.get(R + "/operations").json().path("operations");
        assertEquals("merge", operations.get(0).path("kind").asText());
        JsonNode page = http.get(R + "/operations?limit=1").json();
        JsonNode next = http.get(R + "/operations?limit=1&cursor="
                        + page.path("next_cursor").asText())
                .json();
        assertEquals(operations.get(1), next.path("operations").get(0));
    }

    @Test
    void undoOfPathsOfOperationsAndForShow() throws IOException {
        live.write("app", "main", "a", "one\n");
        live.write("app", "main", "src/b", "one\n");
        checkpoint("main", "{\"message\":\"first\"}");
        live.write("app", "main", "a", "two\n");
        live.write("app", "main", "src/b", "two\n");
        String undo = R + "/bookmarks/main/undo";
        JsonNode said = http.post(undo, "{\"dry_run\":true}").json();
        assertTrue(said.path("dry_run").asBoolean());
        assertTrue(said.path("operation").path("id").isNull());
        assertEquals(2, said.path("paths").size());
        assertEquals(2, edits("main").size());
        JsonNode undone = http.post(undo, "{\"paths\":[\"src\"]}").json();
        assertFalse(undone.path("dry_run").asBoolean());
        assertEquals("src/b", undone.path("paths").get(0).path("path").asText());
        assertEquals(1, edits("main").size());
        assertEquals(404, http.post(undo, "{\"paths\":[\"nowhere\"]}").status());
        assertEquals(400, http.post(undo, "{\"paths\":[\"a//b\"]}").status());
        assertEquals(400, http.post(undo, "{\"paths\":\"a\"}").status());

        checkpoint("main", "{\"message\":\"second\"}");
        long second = http.get(R + "/operations?limit=1")
                .json()
                .path("operations")
                .get(0)
                .path("id")
                .asLong();
        live.write("app", "main", "later", "x\n");
        String revert = R + "/operations/" + second + "/undo";
        JsonNode would =
                http.post(revert, "{\"dry_run\":true}").json().path("bookmarks").get(0);
        assertTrue(would.path("new_change").asBoolean(), would.toString());
        assertEquals("a", would.path("paths").get(0).path("path").asText());
        JsonNode reverted = http.post(revert, "{}").json();
        assertEquals(second, reverted.path("operation").path("reverts").asLong());
        assertFalse(reverted.path("saved_change_id").isNull());
        assertEquals("one\n", content("a"));
        assertEquals("x\n", content("later"));
        assertEquals(409, http.post(revert, "{}").status());
        assertEquals(404, http.post(R + "/operations/4711/undo", "{}").status());
        assertEquals(400, http.post(R + "/operations/last/undo", "{}").status());
    }

    private JsonNode edits(String bookmark) throws IOException {
        return http.get(R + "/bookmarks/" + bookmark + "/edits").json().path("edits");
    }

    private String content(String path) throws IOException {
        return http.get(R + "/content?revision=main&path=" + path, "Accept: application/octet-stream")
                .body();
    }

    @Test
    void aMergeWithConflictsNamesItsPathsAndChangesNothing() throws IOException {
        live.write("app", "main", "f", "base\n");
        checkpoint("main", "{\"message\":\"base\"}");
        bookmark("other", "main");
        live.write("app", "main", "f", "ours\n");
        live.write("app", "other", "f", "theirs\n");
        String before = checkpoint("main", "{\"message\":\"ours\"}")
                .path("change")
                .path("id")
                .asText();
        RawHttp.Reply reply = http.post(R + "/bookmarks/merge", "{\"target\":\"main\",\"source\":\"other\"}");
        assertEquals(409, reply.status(), reply.body());
        assertEquals("MERGE_CONFLICT", reply.code());
        assertEquals("f", reply.json().at("/error/details/conflict_paths/0").asText());
        assertEquals(
                before, http.get(R + "/bookmarks/main").json().path("change_id").asText());
    }

    @Test
    void diffsAreJsonOrAPatch() throws IOException {
        live.write("app", "main", "a", "1\n2\n");
        live.write("app", "main", "b", "\u0000binary");
        String head = checkpoint("main", "{\"message\":\"x\"}")
                .path("change")
                .path("id")
                .asText();
        String query = "/diff?base_change_id=" + ROOT + "&head_change_id=" + head;
        JsonNode diff = http.get(R + query).json();
        assertEquals(2, diff.path("stats").path("entries").asInt());
        assertEquals(2, diff.path("stats").path("additions").asInt());
        JsonNode entry = diff.path("entries").get(0);
        assertEquals("a", entry.path("path").asText());
        assertEquals("added", entry.path("status").asText());
        assertEquals("2", entry.at("/hunks/0/lines/1/text").asText());
        assertEquals("binary", diff.at("/entries/1/omitted_reason").asText());
        assertTrue(diff.path("entries").get(1).get("hunks").isNull());
        assertTrue(http.get(R + query, "Accept: text/plain").body().contains("+++ b/a"));
        assertEquals(
                400,
                http.get(R + "/diff?base_change_id=main&head_change_id=" + head).status());
        assertEquals(200, http.get(R + "/diff?base=" + ROOT + "&head=main").status());
    }

    @Test
    void contentIsReadByPath() throws IOException {
        live.write("app", "main", "src/a b.txt", "text\n");
        checkpoint("main", "{\"message\":\"x\"}");
        JsonNode file = http.get(R + "/content?path=src/a%20b.txt").json();
        assertEquals(
                "text\n",
                new String(Base64.getDecoder().decode(file.path("content").asText()), StandardCharsets.UTF_8));
        assertEquals("100644", file.path("mode").asText());
        RawHttp.Reply raw = http.get(R + "/content?path=src/a%20b.txt", "Accept: application/octet-stream");
        assertTrue(raw.body().contains("text\n"), raw.body());
        JsonNode directory = http.get(R + "/content?depth=2").json();
        assertEquals("src", directory.at("/entries/0/path").asText());
        assertEquals("src/a b.txt", directory.at("/entries/1/path").asText());
        assertEquals(
                406,
                http.get(R + "/content", "Accept: application/octet-stream").status());
        assertEquals(400, http.get(R + "/content?path=a//b").status());
        assertEquals(400, http.get(R + "/content?path=../x").status());
    }

    @Test
    void changesArePagedAndBookmarksMoved() throws IOException {
        String[] ids = new String[3];
        for (int i = 0; i < ids.length; i++) {
            live.write("app", "main", "f", "v" + i);
            ids[i] = checkpoint("main", "{\"message\":\"" + i + "\"}")
                    .path("change")
                    .path("id")
                    .asText();
        }
        JsonNode page = http.get(R + "/changes?limit=2").json();
        assertEquals(ids[2], page.at("/changes/0/id").asText());
        JsonNode rest = http.get(R + "/changes?limit=2&cursor="
                        + page.path("next_cursor").asText())
                .json();
        assertEquals(ids[0], rest.at("/changes/0/id").asText());

        RawHttp.Reply refused = http.send(
                "PATCH", R + "/bookmarks/main", "{\"change_id\":\"" + ids[0] + "\",\"allow_backwards\":false}");
        assertEquals(409, refused.status());
        JsonNode moved = http.send("PATCH", R + "/bookmarks/main", "{\"change_id\":\"" + ids[0] + "\"}")
                .json();
        assertEquals(ids[2], moved.path("from_change_id").asText());
        assertEquals(ids[0], moved.path("change_id").asText());
        RawHttp.Reply stale = http.send(
                "PATCH",
                R + "/bookmarks/main",
                "{\"change_id\":\"" + ids[1] + "\",\"expected_change_id\":\"" + ids[2] + "\"}");
        assertEquals(409, stale.status());
        bookmark("x/1", ids[1]);
        assertEquals(
                1,
                http.get(R + "/bookmarks?glob=x%2F*").json().path("bookmarks").size());
        assertEquals(400, http.send("DELETE", R + "/bookmarks/main", "").status());
        assertEquals(200, http.send("DELETE", R + "/bookmarks/x%2F1", "").status());
    }

    @Test
    void treesComeInAndGoOut() throws IOException {
        Path in = Files.createDirectories(folder.resolve("in/sub"));
        Files.writeString(in.resolve("f"), "text");
        RawHttp.Reply imported = http.send(
                "POST", R + "/import", "{\"path\":\"" + folder.resolve("in") + "\"}", "Accept: application/x-ndjson");
        assertTrue(imported.body().contains("\"result\""), imported.body());
        Path out = folder.resolve("out");
        assertEquals(
                200,
                http.post(R + "/export", "{\"bookmark\":\"main\",\"path\":\"" + out + "\"}")
                        .status());
        assertEquals("text", Files.readString(out.resolve("sub/f")));
        assertEquals(400, http.post(R + "/import", "{\"path\":\"relative\"}").status());
    }

    /** Edits that were stored ahead of a checkpoint, as looking at them does, are edits still. */
    @Test
    void editsAreCountedUntilTheyAreCheckpointed() throws IOException {
        live.write("app", "main", "f", "x");
        assertEquals(
                1, http.get(R + "/bookmarks/main/edits").json().path("edits").size());
        assertEquals(1, http.get(R + "/bookmarks/main").json().path("edits").asInt());
        checkpoint("main", "{}");
        assertEquals(0, http.get(R + "/bookmarks/main").json().path("edits").asInt());
    }

    @Test
    void statusCheckAndShutdown() throws IOException {
        live.write("app", "main", "f", "x");
        JsonNode status = http.get("/v1/local/status").json();
        assertEquals(ProcessHandle.current().pid(), status.path("pid").asLong());
        assertEquals("none", status.path("transport").asText());
        assertEquals("", status.path("why_not_better").asText("absent"));
        assertTrue(status.at("/repositories/0/bookmarks/0/edits").asInt() > 0, status.toString());
        assertEquals("ok", http.get("/healthz").json().path("status").asText());
        assertTrue(http.post("/v1/local/check", "").json().path("sound").asBoolean());
        assertEquals(0, http.get("/v1/local/mounts").json().path("mounts").size());
        assertEquals(202, http.post("/v1/local/shutdown", "").status());
        assertTrue(live.isShutDown());
    }

    private void bookmark(String name, String from) throws IOException {
        RawHttp.Reply reply = http.post(R + "/bookmarks", "{\"name\":\"" + name + "\",\"from\":\"" + from + "\"}");
        assertEquals(201, reply.status(), reply.body());
    }

    private JsonNode checkpoint(String bookmark, String body) throws IOException {
        RawHttp.Reply reply = http.post(R + "/bookmarks/" + bookmark + "/checkpoint", body);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }
}

package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes made and amended over a real socket. */
final class AuthoringTest extends LiveTest {
    private static final String ROOT = "z".repeat(32);
    private static final String R = "/v1/local/app";
    private static final String AUTHOR = "\"author\":{\"name\":\"A\",\"email\":\"a@example.org\"}";

    private JsonNode made;

    @BeforeEach
    void open() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        made = create(
                ROOT, file("src/a.c", "int a;\n") + "," + file("run.sh", "x\n").replace("}", ",\"mode\":\"100755\"}"));
        move(made);
    }

    private static String file(String path, String text) {
        String content = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        return "{\"path\":\"" + path + "\",\"content\":\"" + content + "\"}";
    }

    private JsonNode create(String base, String files) throws IOException {
        RawHttp.Reply reply = http.post(
                R + "/changes",
                "{\"base_change_id\":\"" + base + "\",\"message\":\"m\"," + AUTHOR + ",\"files\":[" + files + "]}");
        assertEquals(201, reply.status(), reply.body());
        return reply.json();
    }

    private void move(JsonNode change) throws IOException {
        RawHttp.Reply reply = http.send(
                "PATCH",
                R + "/bookmarks/main",
                "{\"change_id\":\"" + change.path("id").asText() + "\"}");
        assertEquals(200, reply.status(), reply.body());
    }

    private String content(String query) throws IOException {
        JsonNode node = http.get(R + "/content?" + query).json();
        return new String(Base64.getDecoder().decode(node.path("content").asText()), StandardCharsets.UTF_8);
    }

    @Test
    void aChangeOfFilesIsShownWhereABookmarkMovesToIt() throws IOException {
        assertEquals("int a;\n", content("path=src/a.c"));
        assertEquals(
                "100755",
                http.get(R + "/content?path=run.sh").json().path("mode").asText());
        assertEquals("A", made.path("author").path("name").asText());
        JsonNode next = create(made.path("id").asText(), "{\"path\":\"run.sh\",\"action\":\"delete\"}");
        assertEquals(made.path("id"), next.path("parents").path(0));
        assertEquals(200, http.get(R + "/content?path=run.sh").status(), "no bookmark has moved");
        move(next);
        assertEquals(404, http.get(R + "/content?path=run.sh").status());
    }

    @Test
    void anAmendedChangeKeepsItsIdAndIsRebasedUnderEdits() throws IOException {
        String id = made.path("id").asText();
        JsonNode next = create(id, file("b", "b\n"));
        move(next);
        live.write("app", "main", "edit", "edit\n");
        RawHttp.Reply reply = http.send(
                "PATCH",
                R + "/changes/" + id,
                "{\"message\":\"better\",\"base_commit_oid\":" + made.path("current_commit_oid") + ",\"files\":["
                        + file("src/a.c", "int b;\n") + "]}");
        assertEquals(200, reply.status(), reply.body());
        assertEquals(id, reply.json().path("id").asText());
        assertNotEquals(made.path("current_commit_oid"), reply.json().path("current_commit_oid"));
        assertEquals("int b;\n", content("path=src/a.c"));
        JsonNode edits = http.get(R + "/bookmarks/main/edits").json().path("edits");
        assertEquals(1, edits.size());
        assertEquals("edit", edits.path(0).path("path").asText());
        JsonNode main = http.get(R + "/bookmarks/main").json();
        assertEquals(next.path("id"), main.path("change_id"));
        RawHttp.Reply stale = http.send(
                "PATCH",
                R + "/changes/" + id,
                "{\"message\":\"worse\",\"base_commit_oid\":" + made.path("current_commit_oid") + "}");
        assertEquals(409, stale.status());
        assertEquals("STALE", stale.code());
    }

    @Test
    void anAmendmentThatConflictsWithEditsIsRefused() throws IOException {
        live.write("app", "main", "src/a.c", "int mine;\n");
        RawHttp.Reply reply = http.send(
                "PATCH",
                R + "/changes/" + made.path("id").asText(),
                "{\"files\":[" + file("src/a.c", "int b;\n") + "]}");
        assertEquals(409, reply.status());
        assertEquals("MERGE_CONFLICT", reply.code());
        assertEquals(
                "src/a.c", reply.json().at("/error/details/conflict_paths/0").asText());
        assertEquals(
                1, http.get(R + "/bookmarks/main/edits").json().path("edits").size());
    }

    /** As the published client does: a merge that is stored with its conflicts, then a PATCH of its change with answers. */
    @Test
    void conflictsOfAChangeAreAnsweredInIt() throws IOException {
        http.post(R + "/bookmarks", "{\"name\":\"side\",\"from\":\"main\"}");
        live.write("app", "side", "src/a.c", "int theirs;\n");
        live.write("app", "main", "src/a.c", "int ours;\n");
        String both = "{\"target\":\"main\",\"source\":\"side\",\"allow_conflicted\":true}";
        JsonNode merged = http.post(R + "/bookmarks/merge", both).json();
        String id = merged.path("change_id").asText();
        live.write("app", "main", "edit", "edit\n");
        String change = R + "/changes/" + id;
        assertEquals("[\"src/a.c\"]", http.get(change).json().path("conflicts").toString());
        String answer = "{\"path\":\"src/a.c\",\"take\":\"source\"}";
        RawHttp.Reply none = http.send("PATCH", change, "{\"resolutions\":[" + answer.replace("a.c", "b.c") + "]}");
        assertEquals(404, none.status(), none.body());
        RawHttp.Reply twice = http.send("PATCH", change, "{\"files\":[],\"resolutions\":[" + answer + "]}");
        assertEquals(400, twice.status(), twice.body());
        RawHttp.Reply answered = http.send("PATCH", change, "{\"resolutions\":[" + answer + "]}");
        assertEquals(200, answered.status(), answered.body());
        assertEquals(id, answered.json().path("id").asText());
        assertNotEquals(merged.path("commit_oid"), answered.json().path("current_commit_oid"));
        assertEquals("false", answered.json().path("is_conflicted").asText());
        assertEquals("int theirs;\n", content("path=src/a.c"));
        JsonNode conflicts = http.get(R + "/conflicts?revision=main").json();
        assertEquals("false", conflicts.path("is_conflicted").asText(), "the directory shows the answer");
        JsonNode edits = http.get(R + "/bookmarks/main/edits").json().path("edits");
        assertEquals("edit", edits.path(0).path("path").asText());
        assertEquals(1, edits.size());
        http.post(R + "/bookmarks/main/undo", "{\"checkpoints\":0}");
        http.post(R + "/bookmarks/main/undo", "");
        assertEquals("true", http.get(change).json().path("is_conflicted").asText(), "undone");
    }

    @Test
    void editsGoIntoTheLastChangeByTheBookmark() throws IOException {
        live.write("app", "main", "edit", "edit\n");
        RawHttp.Reply reply = http.post(R + "/amend", "{\"absorb\":\"main\",\"metadata\":{\"run\":\"7\"}}");
        assertEquals(200, reply.status(), reply.body());
        assertEquals(made.path("id"), reply.json().path("id"));
        assertEquals("m\n\nrun: 7", reply.json().path("message").asText());
        assertEquals(
                0, http.get(R + "/bookmarks/main/edits").json().path("edits").size());
        assertEquals(
                "amend",
                http.get(R + "/operations?limit=1")
                        .json()
                        .at("/operations/0/kind")
                        .asText());
    }

    @Test
    void whatIsWrongIsRefusedAndMakesNothing() throws IOException {
        String before = http.get(R + "/operations").body();
        String begin = "{\"base_change_id\":\"" + made.path("id").asText() + "\",\"message\":\"m\"," + AUTHOR;
        String[] wrong = {
            "{}",
            "{\"base_change_id\":\"x\"}",
            "{\"base_change_id\":\"" + ROOT + "\",\"files\":[" + file("a", "") + "]}",
            begin + ",\"files\":{}}",
            begin + ",\"files\":[7]}",
            begin + ",\"files\":[" + file("../a", "") + "]}",
            begin + ",\"files\":[" + file("a/./b", "") + "]}",
            begin + ",\"files\":[" + file("", "") + "]}",
            begin + ",\"files\":[{\"path\":\"a\",\"content\":\"%\"}]}",
            begin + ",\"files\":[{\"path\":\"a\",\"content\":\"\",\"mode\":\"120000\"}]}",
            begin + ",\"files\":[{\"path\":\"a\",\"content\":\"\",\"action\":\"rename\"}]}",
            begin + ",\"files\":[" + file("src", "") + "]}",
            begin + ",\"committer\":7}"
        };
        for (String body : wrong) {
            RawHttp.Reply reply = http.post(R + "/changes", body);
            assertEquals(400, reply.status(), body + " " + reply.body());
        }
        RawHttp.Reply root = http.send("PATCH", R + "/changes/" + ROOT, "{\"message\":\"m\"}");
        assertEquals(400, root.status());
        RawHttp.Reply missing = http.post(R + "/changes", "{\"base_change_id\":\"" + "k".repeat(32) + "\"}");
        assertEquals(404, missing.status());
        assertEquals(before, http.get(R + "/operations").body());
    }
}

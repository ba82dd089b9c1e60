package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A protected bookmark is promoted, reviewed state: it moves by merges into it, and by nothing else that can be asked. */
final class ProtectedBookmarkTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final String MAIN = R + "/bookmarks/main";

    @BeforeEach
    void protectMain() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        live.write("app", "main", "a", "one\n");
        http.post(MAIN + "/checkpoint", "{\"message\":\"one\"}");
        http.post(R + "/bookmarks", "{\"name\":\"proposal/x-1\",\"from\":\"main\"}");
        live.write("app", "proposal/x-1", "a", "two\n");
        assertFalse(http.get(MAIN).json().path("protected").asBoolean(true));
        RawHttp.Reply reply = http.post(MAIN + "/protection", "{\"protected\":true}");
        assertEquals(200, reply.status(), reply.body());
        assertTrue(reply.json().path("protected").asBoolean());
    }

    @Test
    void noWayButAMergeMovesIt() throws IOException {
        String before = head();
        String move = "{\"change_id\":\"" + "z".repeat(32) + "\"}";
        refused(http.send("PATCH", MAIN, move));
        assertEquals(400, http.send("DELETE", MAIN, "").status(), "the default bookmark");
        http.post(R + "/bookmarks", "{\"name\":\"stable\",\"from\":\"main\"}");
        http.post(R + "/bookmarks/stable/protection", "{\"protected\":true}");
        refused(http.send("DELETE", R + "/bookmarks/stable", ""));
        refused(http.post(MAIN + "/undo", "{}"));
        refused(http.post(MAIN + "/undo", "{\"checkpoints\":1}"));
        refused(http.post(MAIN + "/checkpoint", "{\"allow_empty\":true}"));
        refused(http.send("PATCH", R + "/changes/" + before, "{\"message\":\"another\"}"));
        refused(http.post(
                R + "/import",
                "{\"path\":\"" + Files.createDirectories(folder.resolve("in")) + "\",\"bookmark\":\"main\"}"));
        refused(http.post(
                R + "/bookmarks/merge", "{\"target\":\"proposal/x-1\",\"source\":\"main\",\"delete_source\":true}"));
        assertEquals(before, head());

        String merge = "{\"target\":\"main\",\"source\":\"proposal/x-1\",\"delete_source\":true}";
        RawHttp.Reply merged = http.post(R + "/bookmarks/merge", merge);
        assertEquals(200, merged.status(), merged.body());
        assertEquals(merged.json().path("change_id").asText(), head());
    }

    @Test
    void protectionEndsWhenAsked() throws IOException {
        assertEquals(
                200, http.post(MAIN + "/protection", "{\"protected\":false}").status());
        live.write("app", "main", "a", "three\n");
        assertEquals(
                409, http.post(MAIN + "/protection", "{\"protected\":true}").status(), "edits nobody could checkpoint");
        assertEquals(
                200, http.post(MAIN + "/checkpoint", "{\"message\":\"three\"}").status());
        assertEquals(
                400, http.post(MAIN + "/protection", "{\"protected\":\"yes\"}").status());
        assertEquals(404, http.post(R + "/bookmarks/none/protection", "{}").status());
    }

    private void refused(RawHttp.Reply reply) {
        assertEquals(403, reply.status(), reply.body());
        assertEquals("READ_ONLY", reply.json().path("error").path("code").asText(), reply.body());
    }

    private String head() throws IOException {
        return http.get(MAIN).json().path("change_id").asText();
    }
}

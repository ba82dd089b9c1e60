package dev.dogear.control.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A caller whose answer was lost asks again with the same Idempotency-Key: one change is made, not two. */
final class LostAnswerTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final String CHECKPOINT = R + "/bookmarks/main/checkpoint";
    private static final String KEY = "Idempotency-Key: prompt-1";

    @BeforeEach
    void open() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        live.write("app", "main", "a", "a\n");
    }

    private int changes() throws IOException {
        return http.get(R + "/changes").json().path("changes").size();
    }

    @Test
    void aCheckpointWhoseAnswerNobodyReadIsMadeOnce() throws Exception {
        String body = "{\"message\":\"prompt\"}";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(live.socket()))) {
            String request = "POST " + CHECKPOINT + " HTTP/1.1\r\nHost: test\r\n" + KEY + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body;
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        }
        for (int tries = 0; changes() == 0 && tries < 1000; tries++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        live.write("app", "main", "b", "b\n");
        RawHttp.Reply again = http.send("POST", CHECKPOINT, body, KEY);
        assertEquals(200, again.status(), again.body());
        assertEquals(1, changes());
        assertEquals(1, again.json().path("files").asInt());
        assertEquals(
                http.get(R + "/bookmarks/main").json().path("change_id"),
                again.json().path("change").path("id"));
        assertEquals(again.body(), http.send("POST", CHECKPOINT, body, KEY).body());
        JsonNode other =
                http.send("POST", CHECKPOINT, body, "Idempotency-Key: prompt-2").json();
        assertNotEquals(
                again.json().path("change").path("id"), other.path("change").path("id"));
        assertEquals(2, changes());
    }

    @Test
    void aMergeAnUndoAndAChangeAreDoneOnce() throws IOException {
        http.post(CHECKPOINT, "{}");
        http.post(R + "/bookmarks", "{\"name\":\"s\",\"from\":\"main\"}");
        live.write("app", "s", "b", "b\n");
        String merge = "{\"target\":\"main\",\"source\":\"s\",\"delete_source\":true}";
        RawHttp.Reply merged = http.send("POST", R + "/bookmarks/merge", merge, KEY);
        assertEquals(200, merged.status(), merged.body());
        assertEquals(
                merged.body(),
                http.send("POST", R + "/bookmarks/merge", merge, KEY).body());
        assertEquals(404, http.post(R + "/bookmarks/merge", merge).status());
        RawHttp.Reply undone = http.send("POST", R + "/bookmarks/main/undo", "", KEY);
        assertEquals(200, undone.status(), undone.body());
        assertEquals(
                undone.body(),
                http.send("POST", R + "/bookmarks/main/undo", "", KEY).body());
        assertEquals(1, changes());
        String change = "{\"base_change_id\":\"" + "z".repeat(32) + "\"}";
        RawHttp.Reply made = http.send("POST", R + "/changes", change, KEY);
        assertEquals(201, made.status(), made.body());
        assertEquals(made.body(), http.send("POST", R + "/changes", change, KEY).body());
    }

    @Test
    void aKeyHasALength() throws IOException {
        assertEquals(
                400,
                http.send("POST", CHECKPOINT, "{}", "Idempotency-Key: " + "x".repeat(256))
                        .status());
        assertEquals(0, changes());
    }
}

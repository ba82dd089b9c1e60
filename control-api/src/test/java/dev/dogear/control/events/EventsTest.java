package dev.dogear.control.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events as a program follows them, over a real socket. */
final class EventsTest extends LiveTest {
    private static final String R = "/v1/local/app";
    private static final Pattern ID = Pattern.compile("id: (\\d+)\nevent: (\\w+)\n");

    @BeforeEach
    void open() throws IOException {
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        checkpoint("main", "1");
        http.post(R + "/bookmarks", "{\"name\":\"session/1\",\"from\":\"main\"}");
        checkpoint("session/1", "2");
        http.post(R + "/bookmarks/session%2F1/undo", "");
        http.post(R + "/bookmarks/merge", "{\"target\":\"main\",\"source\":\"session/1\",\"delete_source\":true}");
    }

    @Test
    void theLogIsReplayedFromAnyNumberAndTheNumbersStay() throws IOException {
        List<String> all = events("after=0");
        assertEquals("1 create", all.get(0));
        assertTrue(all.contains("2 checkpoint") && all.contains("3 create_bookmark"), all + "");
        assertEquals(all.subList(3, all.size()), events("after=3"));
        assertEquals(List.of(), events("after=1000"));
        reopenLive();
        assertEquals(all, events("after=0"));
    }

    @Test
    void aFollowerGetsOnlyWhatHeWants() throws IOException {
        assertEquals(List.of("2 checkpoint", "4 checkpoint"), events("after=0&kind=checkpoint"));
        assertEquals(List.of("4 checkpoint"), events("after=0&kind=checkpoint&bookmark=session/*"));
        assertEquals(400, http.get(R + "/events?kind=nonsense").status());
        assertEquals(400, http.get(R + "/events?after=-1").status());
        assertEquals(400, http.get(R + "/events?after=x").status());
        assertEquals(404, http.get("/v1/local/none/events").status());
        String lines = http.get(R + "/events?after=1&follow=false&kind=checkpoint", "Accept: application/x-ndjson")
                .body();
        assertTrue(lines.contains("{\"id\":2,\"kind\":\"checkpoint\""), lines);
    }

    @Test
    void whatHappensIsToldAtOnce() throws IOException {
        try (Follower follower = new Follower("heartbeat=1")) {
            assertEquals(": alive", follower.lineWith(": alive"), "a heartbeat with nothing to tell");
            live.write("app", "main", "new", "text");
            assertTrue(follower.lineWith("\"kind\":\"edits\"").contains("\"bookmark\":\"main\""));
            http.post(R + "/bookmarks/main/checkpoint", "{\"message\":\"3\"}");
            String told = follower.lineWith("\"kind\":\"checkpoint\"");
            assertTrue(told.contains("\"repo\":\"app\""), told);
            http.send("DELETE", R, "");
            assertEquals(null, follower.lineWith("never"), "the stream ends with the repository");
        }
    }

    @Test
    void conflictsAreToldStoredOrNot() throws IOException {
        for (String name : List.of("c/1", "c/2")) {
            http.post(R + "/bookmarks", "{\"name\":\"" + name + "\",\"from\":\"main\"}");
            live.write("app", name, "both", name + "\n");
        }
        long before = live.store().repository("app").newestOperation();
        String merge = "{\"target\":\"c/1\",\"source\":\"c/2\"";
        try (Follower follower = new Follower("kind=conflict&bookmark=c/*&heartbeat=1")) {
            assertEquals(": alive", follower.lineWith(": alive"));
            assertEquals(409, http.post(R + "/bookmarks/merge", merge + "}").status());
            String refused = follower.lineWith("\"kind\":\"conflict\"");
            assertTrue(refused.contains("\"bookmark\":\"c/1\",\"source\":\"c/2\",\"paths\":[\"both\"]"), refused);
            assertTrue(refused.contains("\"stored\":false"), refused);
            assertEquals(
                    409,
                    http.post(R + "/bookmarks/merge", merge + ",\"dry_run\":true}")
                            .status(),
                    "which only looks, and is told to nobody");
            assertEquals(
                    200,
                    http.post(R + "/bookmarks/merge", merge + ",\"allow_conflicted\":true}")
                            .status());
            String stored = follower.lineWith("\"kind\":\"conflict\"");
            assertTrue(stored.contains("\"stored\":true") && stored.contains("\"paths\":[\"both\"]"), stored);
        }
        String lines = http.get(R + "/events?follow=false&after=" + before, "Accept: application/x-ndjson")
                .body();
        assertTrue(lines.contains("\"kind\":\"conflict\"") && !lines.contains("\"stored\":false"), lines);
        assertEquals(2, lines.lines().count(), lines);
    }

    @Test
    void followersThatDoNotReadHoldUpNobody() throws IOException {
        List<Follower> idle = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            idle.add(new Follower("after=0"));
        }
        try (Follower reader = new Follower("kind=checkpoint")) {
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                for (int i = 0; i < 20; i++) {
                    checkpoint("main", "more " + i);
                    reader.lineWith("\"kind\":\"checkpoint\"");
                }
            });
        }
        // The server ends though they are all still there.
        assertTimeoutPreemptively(Duration.ofSeconds(10), live::close);
        for (Follower each : idle) {
            each.close();
        }
        openLive();
    }

    @Test
    void tooManyFollowersAreRefusedAndMakeRoomWhenTheyLeave() throws IOException {
        List<Follower> many = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            many.add(new Follower("heartbeat=1"));
        }
        assertEquals(429, http.get(R + "/events").status());
        for (Follower each : many) {
            each.close();
        }
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            int status = 429;
            while (status == 429) {
                Thread.sleep(200);
                try (Follower again = new Follower("heartbeat=1")) {
                    status = again.status;
                }
            }
            assertEquals(200, status);
        });
    }

    private void checkpoint(String bookmark, String text) throws IOException {
        live.write("app", bookmark, "f", text);
        String path = R + "/bookmarks/" + bookmark.replace("/", "%2F") + "/checkpoint";
        RawHttp.Reply reply = http.post(path, "{\"message\":\"x\"}");
        assertEquals(200, reply.status(), reply.body());
    }

    /** Numbers and kinds of what is in the log. */
    private List<String> events(String query) throws IOException {
        RawHttp.Reply reply = http.get(R + "/events?follow=false&" + query);
        assertEquals(200, reply.status(), reply.body());
        assertTrue(reply.head().contains("text/event-stream"), reply.head());
        List<String> found = new ArrayList<>();
        for (Matcher matcher = ID.matcher(reply.body()); matcher.find(); ) {
            found.add(matcher.group(1) + " " + matcher.group(2));
        }
        return found;
    }

    /** A client that follows; it reads nothing but the head until it is asked for more. */
    private final class Follower implements AutoCloseable {
        final int status;
        private final SocketChannel channel;
        private final BufferedReader lines;

        Follower(String query) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(live.socket()));
            String request = "GET " + R + "/events?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            status = Integer.parseInt(lines.readLine().split(" ", 3)[1]);
        }

        /** The next line with that in it; null at the end. */
        String lineWith(String text) throws IOException {
            String line = lines.readLine();
            while (line != null && !line.contains(text)) {
                line = lines.readLine();
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}

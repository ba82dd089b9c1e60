package dev.dogear.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that stop in the middle, or half close: they hold up nobody. */
final class SlowClientsTest extends LiveTest {
    @BeforeEach
    void open() throws IOException {
        live.http().post("/v1/local/repos", "{\"name\":\"app\"}");
    }

    /** More of them than the server has threads. */
    @Test
    void requestsThatStopInTheMiddleHoldUpNobody() throws IOException {
        String head = "POST /v1/local/app/bookmarks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":";
        List<SocketChannel> stopped = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            stopped.add(send(head));
            stopped.add(send(head.substring(0, 20 + i % 40)));
        }
        assertTimeoutPreemptively(Duration.ofSeconds(50), () -> {
            for (int i = 0; i < 5; i++) {
                assertEquals(200, live.http().get("/v1/local/app").status());
                String body = "{\"name\":\"b" + i + "\",\"from\":\"main\"}";
                assertEquals(
                        201, live.http().post("/v1/local/app/bookmarks", body).status());
            }
        });
        for (SocketChannel each : stopped) {
            each.close();
        }
    }

    /** What was sent whole is answered, though the client sends no more. */
    @Test
    void aClientThatHalfClosesGetsItsAnswer() throws IOException {
        String body = "{\"name\":\"half\",\"from\":\"main\"}";
        SocketChannel channel = send("POST /v1/local/app/bookmarks HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
        try (channel) {
            channel.shutdownOutput();
            String reply = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(reply.startsWith("HTTP/1.1 201"), reply);
        }
    }

    /** What was not sent whole is not done. */
    @Test
    void aClientThatLeavesInTheMiddleChangesNothing() throws IOException {
        String body = "{\"name\":\"part\",\"from\":\"main\"}";
        for (String sent : new String[] {"", "{\"name\":\"part\",\"from\":\"main\"}", "{\"na"}) {
            SocketChannel channel = send("POST /v1/local/app/bookmarks HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + (body.length() + 1) + "\r\n\r\n" + sent);
            try (channel) {
                channel.shutdownOutput();
                Channels.newInputStream(channel).readAllBytes();
            }
        }
        RawHttp.Reply bookmarks = live.http().get("/v1/local/app/bookmarks");
        assertEquals(1, bookmarks.json().path("bookmarks").size(), bookmarks.body());
    }

    private SocketChannel send(String text) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(live.socket()));
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return channel;
    }
}

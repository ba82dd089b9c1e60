package dev.dogear.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveApi;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that keep connections by sending a byte now and then, and those that open very many. */
final class TricklingClientsTest {
    private static final String REQUEST_SECONDS = "dogear.request.seconds";
    private static final String CONNECTIONS = "dogear.connections";
    private static final int MOST = 40;

    @TempDir
    private Path folder;

    private LiveApi live;

    @BeforeEach
    void open() throws IOException {
        System.setProperty(REQUEST_SECONDS, "2");
        System.setProperty(CONNECTIONS, Integer.toString(MOST));
        live = new LiveApi(folder);
        live.http().post("/v1/local/repos", "{\"name\":\"app\"}");
    }

    @AfterEach
    void close() {
        System.clearProperty(REQUEST_SECONDS);
        System.clearProperty(CONNECTIONS);
        live.close();
    }

    @Test
    void aRequestThatTricklesIsCutOff() throws Exception {
        String head = "POST /v1/local/app/bookmarks HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
        for (String begun : List.of("", head.substring(0, 30), head, head + "{\"name\":")) {
            try (SocketChannel channel = connect()) {
                channel.write(bytes(begun));
                long start = System.nanoTime();
                int sent = trickle(channel);
                Duration taken = Duration.ofNanos(System.nanoTime() - start);
                assertTrue(taken.compareTo(Duration.ofSeconds(30)) < 0, begun + " for " + taken);
                assertTrue(sent > 5, begun + ": it was cut off after " + sent + " bytes");
            }
        }
        assertEquals(
                1,
                live.http()
                        .get("/v1/local/app/bookmarks")
                        .json()
                        .path("bookmarks")
                        .size());
    }

    /** A byte ten times a second until it is cut off; answers how many. */
    private static int trickle(SocketChannel channel) throws InterruptedException {
        for (int sent = 0; sent < 1_000; sent++) {
            try {
                channel.write(bytes("x"));
            } catch (IOException e) {
                return sent;
            }
            Thread.sleep(100);
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void anAnswerMayTakeAsLongAsItTakes() throws Exception {
        try (SocketChannel events = connect()) {
            events.write(bytes("GET /v1/local/app/events?heartbeat=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
            StringBuilder heard = new StringBuilder();
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                ByteBuffer buffer = ByteBuffer.allocate(4096);
                // Longer than a request may be under way.
                while (heard.toString().split(": alive", -1).length < 6) {
                    assertTrue(events.read(buffer.clear()) > 0, heard.toString());
                    heard.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                }
            });
        }
    }

    @Test
    void veryManyConnectionsKeepNobodyOut() throws IOException {
        List<SocketChannel> idle = new ArrayList<>();
        for (int i = 0; i < 4 * MOST; i++) {
            idle.add(connect());
        }
        assertTimeoutPreemptively(Duration.ofSeconds(50), () -> {
            for (int i = 0; i < 5; i++) {
                assertEquals(200, live.http().get("/v1/local/app").status());
            }
        });
        for (SocketChannel each : idle) {
            each.configureBlocking(false);
        }
        // The last of them are accepted, and the oldest closed for it, when nobody waits for an answer.
        assertTimeoutPreemptively(Duration.ofSeconds(50), () -> {
            while (idle.stream().filter(TricklingClientsTest::isOpen).count() > MOST) {
                Thread.sleep(50);
            }
        });
        for (SocketChannel each : idle) {
            each.close();
        }
    }

    private static boolean isOpen(SocketChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(live.socket()));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}

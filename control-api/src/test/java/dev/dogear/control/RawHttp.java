package dev.dogear.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Sends requests byte for byte as a test writes them: no client tidies a path or a header on the way. */
public final class RawHttp {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path socket;

    public RawHttp(Path socket) {
        this.socket = socket;
    }

    /** An answer; {@code head} in lower case. */
    public record Reply(int status, String head, String body) {
        public JsonNode json() {
            try {
                return MAPPER.readTree(body);
            } catch (IOException e) {
                throw new AssertionError(status + " " + body, e);
            }
        }

        /** The code of the error envelope. */
        public String code() {
            return json().path("error").path("code").asText();
        }
    }

    public Reply get(String path, String... headers) throws IOException {
        return send("GET", path, "", headers);
    }

    public Reply post(String path, String body) throws IOException {
        return send("POST", path, body);
    }

    public Reply send(String method, String path, String body, String... headers) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
        return exchange(head + body);
    }

    /** Sends that text and reads until the other side closes. */
    public Reply exchange(String text) throws IOException {
        try (SocketChannel channel = sent(text)) {
            return reply(Channels.newInputStream(channel).readAllBytes());
        }
    }

    /** The same of a stream that may have no end: leaves when nothing has come for so long after its head. */
    public Reply exchangeLeaving(String text, Duration patience) throws IOException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        try (SocketChannel channel = sent(text);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (selector.select(patience.toMillis()) > 0
                    || !heard.toString(StandardCharsets.UTF_8).contains("\r\n\r\n")) {
                selector.selectedKeys().clear();
                int read = channel.read(buffer.clear());
                if (read < 0) {
                    break;
                }
                heard.write(buffer.array(), 0, read);
            }
        }
        return reply(heard.toByteArray());
    }

    private SocketChannel sent(String text) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        ByteBuffer request = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            while (request.hasRemaining()) {
                channel.write(request);
            }
        } catch (IOException e) {
            // Refused before all of it was sent: the answer says why.
        }
        return channel;
    }

    private static Reply reply(byte[] heard) {
        String reply = new String(heard, StandardCharsets.UTF_8);
        int end = reply.indexOf("\r\n\r\n");
        String head = reply.substring(0, end).toLowerCase(Locale.ROOT);
        return new Reply(Integer.parseInt(head.split(" ", 3)[1]), head, reply.substring(end + 4));
    }
}

package dev.dogear.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.control.cli.line.CommandException;
import dev.dogear.control.cli.line.ExitCode;
import dev.dogear.control.cli.line.SocketClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SocketClientTest {
    @TempDir
    private Path folder;

    @Test
    void readsABodyOfKnownLength() throws IOException {
        assertEquals("hello", answerTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more"));
    }

    @Test
    void readsABodyInChunks() throws IOException {
        String chunks = "5\r\nhello\r\n1;x=y\r\n,\r\nA\r\n 123456789\r\n0\r\n\r\n";
        assertEquals("hello, 123456789", answerTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks));
    }

    @Test
    void readsABodyUntilTheEnd() throws IOException {
        assertEquals("hello", answerTo("HTTP/1.1 200 OK\r\n\r\nhello"));
    }

    @Test
    void aCutAnswerIsAnError() {
        assertThrows(EOFException.class, () -> answerTo("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"));
        assertThrows(
                EOFException.class, () -> answerTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"));
        assertThrows(EOFException.class, () -> answerTo("HTTP/1.1 200"));
        assertThrows(EOFException.class, () -> answerTo(""));
    }

    @Test
    void nobodyThereIsSaidWithWhatToDo() {
        CommandException e = assertThrows(CommandException.class, () -> new SocketClient(folder.resolve("none"))
                .send("GET", "/", new byte[0], "application/json"));
        assertEquals(ExitCode.NO_DAEMON, e.exit());
    }

    private String answerTo(String answer) throws IOException {
        Path socket = folder.resolve("s" + answer.length() + System.nanoTime());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> serve(server, answer));
            try (SocketClient.Reply reply =
                    new SocketClient(socket).send("POST", "/x", new byte[] {'{', '}'}, "application/json")) {
                return new String(reply.bytes(), StandardCharsets.UTF_8);
            } finally {
                served.join();
            }
        }
    }

    private static void serve(ServerSocketChannel server, String answer) {
        try (SocketChannel channel = server.accept()) {
            channel.read(ByteBuffer.allocate(1 << 16));
            channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

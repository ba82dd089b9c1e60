package dev.dogear.control.cli;

import dev.dogear.control.cli.line.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Goes once through what the command usually does, against a socket that gives fixed answers, so that the build can
 * archive the classes this loads. It is no part of any answer to a user.
 */
final class Rehearsal {
    private static final String STATUS =
            "{\"pid\":1,\"version\":\"1\",\"mount\":\"/m\",\"repositories\":[{\"name\":\"r\","
                    + "\"bookmarks\":[{\"name\":\"main\",\"change_id\":\"z\",\"edits\":0,\"is_default\":true}]}],"
                    + "\"repos\":[],\"bookmarks\":[],\"changes\":[],\"problems\":[],\"has_more\":false,\"next_cursor\":null}";

    private static final String[][] LINES = {
        {"status"},
        {"status", "--json"},
        {"repo", "list"},
        {"bookmark", "list", "r"},
        {"checkpoint", "r/main", "-m", "x", "--meta", "a=b"},
        {"undo", "r/main"},
        {"log", "r/main"},
        {"diff", "r/main"},
        {"merge", "r", "--into", "a", "--from", "b"},
        {"status", "--help"},
        {"status", "--wrong"}
    };

    private Rehearsal() {}

    static void run(PrintStream out) throws IOException {
        Path folder = Files.createTempDirectory("dogear");
        Path socket = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread answering = new Thread(() -> answer(server), "rehearsal");
            answering.setDaemon(true);
            answering.start();
            PrintStream unseen = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
            Dogear dogear = new Dogear(new Settings(Map.of("DOGEAR_SOCKET", socket.toString())), unseen, unseen);
            for (String[] line : LINES) {
                dogear.run(line);
            }
            out.println("rehearsed " + LINES.length + " commands");
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        }
    }

    private static void answer(ServerSocketChannel server) {
        byte[] body = STATUS.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        while (server.isOpen()) {
            try (SocketChannel channel = server.accept()) {
                channel.read(ByteBuffer.allocate(1 << 16));
                channel.write(ByteBuffer.wrap(head));
                channel.write(ByteBuffer.wrap(body));
            } catch (IOException e) {
                return;
            }
        }
    }
}

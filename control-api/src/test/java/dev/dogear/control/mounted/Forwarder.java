package dev.dogear.control.mounted;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A port of the loopback interface that leads to the daemon's socket, for clients that speak TCP alone. They come as this
 * process's user: the header with a key is left out, since on the socket it would lower that user's rights. One request a
 * connection.
 */
final class Forwarder implements AutoCloseable {
    private final Path socket;
    private final ServerSocket port;

    Forwarder(Path socket) throws IOException {
        this.socket = socket;
        this.port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + port.getLocalPort();
    }

    private void accept() {
        while (!port.isClosed()) {
            try {
                Socket client = port.accept();
                start(() -> forward(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void forward(Socket client) {
        try (client;
                SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = Channels.newOutputStream(daemon);
            int length = head(in, out);
            out.write(in.readNBytes(length));
            Channels.newInputStream(daemon).transferTo(client.getOutputStream());
        } catch (IOException e) {
            // The client sees its connection end, and the test fails by that.
        }
    }

    /** Passes the head on and answers how long the body is. */
    private static int head(InputStream in, OutputStream out) throws IOException {
        int length = 0;
        StringBuilder head = new StringBuilder();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
            if (!lower.startsWith("authorization:") && !lower.startsWith("connection:")) {
                head.append(line).append("\r\n");
            }
        }
        head.append("Connection: close\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        return length;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        port.close();
    }
}

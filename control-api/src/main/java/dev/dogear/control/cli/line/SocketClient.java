package dev.dogear.control.cli.line;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** As much of HTTP/1.1 as it takes to ask the daemon one thing over a Unix socket, which the JDK's client cannot. */
public final class SocketClient {
    private final Path socket;
    private final String authorization;

    public SocketClient(Path socket) {
        this(socket, "");
    }

    /** @param key limits what is let through to what it is good for; empty for none */
    public SocketClient(Path socket, String key) {
        this.socket = socket;
        this.authorization = key.isEmpty() ? "" : "\r\nAuthorization: Bearer " + key;
        if (key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new CommandException(ExitCode.USAGE, "DOGEAR_KEY is no key: make one with dogear key create.");
        }
    }

    /** An answer; its body is read from the open connection until {@link #close()}. */
    public record Reply(int status, Map<String, String> headers, InputStream body) implements AutoCloseable {
        public byte[] bytes() throws IOException {
            return body.readAllBytes();
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /**
     * Sends a request and reads the head of its answer.
     *
     * @param path with the query, encoded
     * @param body JSON, empty for none
     * @throws CommandException NO_DAEMON if nobody answers
     */
    public Reply send(String method, String path, byte[] body, String accept) throws IOException {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.NO_DAEMON,
                    "No daemon answers at " + socket + " (" + e.getMessage() + ").\n"
                            + "Start one with: dogear up (or name its socket with --socket or DOGEAR_SOCKET)");
        }
        try {
            String head = method + " " + path + " HTTP/1.1\r\nHost: dogear\r\nConnection: close\r\nAccept: " + accept
                    + authorization + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                    + "\r\n\r\n";
            ByteBuffer request = ByteBuffer.allocate(head.length() + body.length);
            request.put(head.getBytes(StandardCharsets.US_ASCII)).put(body).flip();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            return receive(new BufferedInputStream(Channels.newInputStream(channel)));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Reply receive(InputStream in) throws IOException {
        String[] status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
            throw new IOException("what answers is no HTTP server");
        }
        Map<String, String> headers = new HashMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
        }
        InputStream body = in;
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            body = new Chunked(in);
        } else if (headers.containsKey("content-length")) {
            body = new Counted(in, Long.parseLong(headers.getOrDefault("content-length", "0")));
        }
        return new Reply(Integer.parseInt(status[1]), headers, body);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the daemon closed the connection before it answered; its log says why");
            }
            if (c != '\r') {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** A body of known length: an end before it is an error. */
    private static final class Counted extends FilterInputStream {
        private long left;

        Counted(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0 || length == 0) {
                return left == 0 ? -1 : 0;
            }
            int count = in.read(target, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException("the daemon closed the connection in the middle of its answer");
            }
            left -= count;
            return count;
        }
    }

    /** A body in chunks, each behind a line with its length in hexadecimal digits; a chunk of length 0 ends it. */
    private static final class Chunked extends FilterInputStream {
        private InputStream chunk = InputStream.nullInputStream();
        private boolean first = true;
        private boolean ended;

        Chunked(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (!ended) {
                int count = chunk.read(target, offset, length);
                if (count >= 0) {
                    return count;
                }
                next();
            }
            return -1;
        }

        private void next() throws IOException {
            if (!first) {
                line(in);
            }
            first = false;
            String size = line(in).split(";", 2)[0].strip();
            long length = Long.parseLong(size, 16);
            ended = length == 0;
            chunk = new Counted(in, length);
        }
    }
}

package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** One request over a Unix socket, written from the RFC and not with the product's own client. */
final class UnixHttp {
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(ISO_8859_1);

    private UnixHttp() {}

    /** An answer, whole. */
    record Answer(int status, byte[] body) {}

    static Answer send(Path socket, String method, String route, byte[] body) throws IOException {
        String head = method + " " + route + " HTTP/1.1\r\nHost: dogear\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer request = ByteBuffer.allocate(head.length() + body.length);
            request.put(head.getBytes(ISO_8859_1)).put(body).flip();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            return parse(readAll(channel));
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(1 << 16);
        while (channel.read(piece) >= 0) {
            all.write(piece.array(), 0, piece.position());
            piece.clear();
        }
        return all.toByteArray();
    }

    private static Answer parse(byte[] all) throws IOException {
        int end = indexOf(all, HEAD_END, 0);
        if (end < 0) {
            throw new IOException("no answer, but " + all.length + " bytes");
        }
        String head = new String(all, 0, end, ISO_8859_1);
        int status = Integer.parseInt(head.split(" ", 3)[1]);
        byte[] body = Arrays.copyOfRange(all, end + HEAD_END.length, all.length);
        boolean chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
        return new Answer(status, chunked ? joined(body) : body);
    }

    private static byte[] joined(byte[] chunks) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int line = indexOf(chunks, new byte[] {'\r', '\n'}, at);
            if (line < 0) {
                throw new IOException("the answer ends early");
            }
            int size = Integer.parseInt(new String(chunks, at, line - at, ISO_8859_1).split(";", 2)[0].strip(), 16);
            if (size == 0) {
                return all.toByteArray();
            }
            all.write(chunks, line + 2, size);
            at = line + 2 + size + 2;
        }
    }

    private static int indexOf(byte[] all, byte[] wanted, int from) {
        for (int i = from; i + wanted.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}

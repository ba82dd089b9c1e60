package dev.dogear.store.tree.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts lines of several texts together: a last line without newline gets one only if more follows. */
final class Lines {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean lineEnded = true;

    void lines(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        if (!lineEnded) {
            out.write('\n');
        }
        out.writeBytes(bytes);
        lineEnded = bytes[bytes.length - 1] == '\n';
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

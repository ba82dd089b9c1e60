package dev.dogear.control.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one file of the audit log, from its newest on. What is no entry, as what a power cut has left of one, is
 * passed over. One thread; whoever opened the file closes it.
 */
final class AuditReader {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BLOCK_BYTES = 16 << 10;

    private final FileChannel file;

    /** Where in the file the bytes begin that are held. */
    private long begin;

    private byte[] held = {};

    /** How many of the bytes held are still to be given. */
    private int length;

    /** @param end how much of the file is read */
    AuditReader(FileChannel file, long end) {
        this.file = file;
        this.begin = end;
    }

    /** The next older entry, null if there is none. */
    @Nullable
    JsonNode next() throws IOException {
        for (byte[] line = line(); line != null; line = line()) {
            JsonNode entry = parse(line);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    /**
     * Passes over entries with that number or a higher one, without reading them all: numbers rise from line to line. A few
     * may be left.
     */
    void passOver(long number) throws IOException {
        long low = 0;
        long high = begin + length;
        while (high - low > BLOCK_BYTES) {
            long middle = (low + high) / 2;
            JsonNode before = new AuditReader(file, middle).next();
            if (before != null && number(before) >= number) {
                high = middle;
            } else {
                low = middle;
            }
        }
        // It is the middle of a line, as a rule: that is no entry.
        begin = high;
        length = 0;
    }

    static long number(JsonNode entry) {
        return entry.path("id").asLong();
    }

    private byte @Nullable [] line() throws IOException {
        int newline = newlineBefore(length - 1);
        while (newline < 0 && begin > 0) {
            readEarlier();
            newline = newlineBefore(length - 1);
        }
        if (length == 0) {
            return null;
        }
        byte[] line = Arrays.copyOfRange(held, newline + 1, length);
        length = newline + 1;
        return line;
    }

    private int newlineBefore(int end) {
        int at = end - 1;
        while (at >= 0 && held[at] != '\n') {
            at--;
        }
        return at;
    }

    /** As much as is held, so that a long line is not copied too often. */
    private void readEarlier() throws IOException {
        int size = (int) Math.min(begin, Math.max(BLOCK_BYTES, length));
        ByteBuffer read = ByteBuffer.allocate(size + length).limit(size);
        while (read.hasRemaining()) {
            if (file.read(read, begin - size + read.position()) < 0) {
                throw new EOFException("a file of the audit log has become shorter");
            }
        }
        System.arraycopy(held, 0, read.array(), size, length);
        held = read.array();
        begin -= size;
        length += size;
    }

    /** Null for what is no entry. The error is no JsonProcessingException where the bytes are not even text. */
    private static @Nullable JsonNode parse(byte[] line) {
        try {
            JsonNode entry = JSON.readTree(line);
            return entry.has("id") && entry.has("at") ? entry : null;
        } catch (IOException e) {
            return null;
        }
    }
}

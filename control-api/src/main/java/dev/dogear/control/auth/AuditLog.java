package dev.dogear.control.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was asked, by whom, and what came of it: a JSON object a line, written before the caller gets the answer, so that it
 * is there after the death of the daemon; after a power cut but for the last second. A full file is put aside, the oldest
 * is dropped. Any thread; a lock of its own, held for a write to the page cache.
 */
public final class AuditLog implements AutoCloseable {
    /** How many files are kept beside the one written to. */
    static final int FILES_KEPT = 8;

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int FLUSH_MS = 1000;

    private final Path folder;
    private final InstantSource clock;
    private final long bytesMax;
    private final ScheduledExecutorService flusher = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "dogear-audit");
        thread.setDaemon(true);
        return thread;
    });
    private FileChannel file;
    private long last;
    private volatile boolean dirty;

    private AuditLog(Path folder, InstantSource clock, long bytesMax) throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.bytesMax = bytesMax;
        this.file = append();
        List<JsonNode> newest = read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 1);
        this.last = newest.isEmpty() ? 0 : newest.get(0).path("id").asLong();
        // Nobody waits for it: it ends with the thread.
        var unused = flusher.scheduleWithFixedDelay(this::flush, FLUSH_MS, FLUSH_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Opens the log in that folder; makes it if there is none.
     *
     * @param bytesMax how long a file may get
     */
    public static AuditLog open(Path folder, InstantSource clock, long bytesMax) {
        try {
            Files.createDirectories(folder);
            return new AuditLog(folder, clock, bytesMax);
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The audit log cannot be written in " + folder, e);
        }
    }

    /** The newest file has the number 0. */
    private Path path(int number) {
        return folder.resolve("audit." + number + ".jsonl");
    }

    private FileChannel append() throws IOException {
        FileChannel channel =
                FileChannel.open(path(0), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        long size = channel.size();
        ByteBuffer end = ByteBuffer.allocate(1);
        // A line that a power cut has cut off is ended, so that the next one can be read.
        boolean torn = size > 0 && channel.read(end, size - 1) == 1 && end.get(0) != '\n';
        channel.position(size);
        if (torn) {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
        return channel;
    }

    /** An empty entry to fill in. */
    public static ObjectNode entry() {
        return JSON.createObjectNode();
    }

    /** Adds an entry, and to it its number and time. An error of the disk is told to the daemon's log: the call was made. */
    public synchronized void add(ObjectNode entry) {
        ObjectNode line = JSON.createObjectNode()
                .put("id", last + 1)
                .put("at", clock.instant().toString());
        line.setAll(entry);
        try {
            byte[] bytes = (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
            if (file.position() + bytes.length > bytesMax && file.position() > 0) {
                rotate();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            last++;
            dirty = true;
        } catch (IOException e) {
            LOG.error("the audit log has lost {}", line, e);
        }
    }

    private void rotate() throws IOException {
        file.force(false);
        file.close();
        Files.deleteIfExists(path(FILES_KEPT));
        for (int i = FILES_KEPT - 1; i >= 0; i--) {
            if (Files.exists(path(i))) {
                Files.move(path(i), path(i + 1), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        file = append();
    }

    private synchronized void flush() {
        if (!dirty) {
            return;
        }
        try {
            file.force(false);
            dirty = false;
        } catch (IOException e) {
            LOG.error("the audit log could not be made durable", e);
        }
    }

    /**
     * Entries from the newest on.
     *
     * @param wanted only those that fit
     * @param before only those with a smaller number
     */
    public synchronized List<JsonNode> read(Predicate<JsonNode> wanted, Instant since, long before, int limit) {
        List<JsonNode> found = new ArrayList<>();
        try {
            for (int i = 0; i <= FILES_KEPT && found.size() < limit && Files.exists(path(i)); i++) {
                found.addAll(newest(path(i), wanted, since, before, limit - found.size()));
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The audit log cannot be read", e);
        }
        return found;
    }

    private static List<JsonNode> newest(Path path, Predicate<JsonNode> wanted, Instant since, long before, int limit)
            throws IOException {
        Deque<JsonNode> found = new ArrayDeque<>();
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode entry = parse(line);
                if (entry == null
                        || entry.path("id").asLong() >= before
                        || !wanted.test(entry)
                        || Instant.parse(entry.path("at").asText()).isBefore(since)) {
                    continue;
                }
                found.addLast(entry);
                if (found.size() > limit) {
                    found.removeFirst();
                }
            }
        }
        List<JsonNode> reversed = new ArrayList<>(found);
        Collections.reverse(reversed);
        return reversed;
    }

    /** Null for a line that was cut off. */
    private static @Nullable JsonNode parse(String line) {
        try {
            JsonNode entry = JSON.readTree(line);
            return entry.has("id") && entry.has("at") ? entry : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    @Override
    public void close() {
        flusher.shutdown();
        synchronized (this) {
            flush();
            try {
                file.close();
            } catch (IOException e) {
                LOG.error("the audit log was not closed cleanly", e);
            }
        }
    }
}

package dev.dogear.control.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.Closer;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was asked, by whom, and what came of it: a JSON object a line, written before the caller gets the answer, so that it
 * is there after the death of the daemon; after a power cut but for the last second. A full file is put aside, the oldest
 * is dropped. Any thread; a lock of its own, held for a write to the page cache, or to put a full file aside.
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

    /** Where the file's last whole line ends. What is behind it is what a full disk took of one. */
    private long end;

    private long last;
    private boolean dirty;

    private AuditLog(Path folder, InstantSource clock, long bytesMax) throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.bytesMax = bytesMax;
        this.file = append();
        this.end = file.position();
        List<JsonNode> newest = read(entry -> true, Instant.EPOCH, Long.MAX_VALUE, 1);
        this.last = newest.isEmpty() ? 0 : AuditReader.number(newest.get(0));
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
            if (end + bytes.length > bytesMax && end > 0) {
                rotate();
            }
            write(bytes);
            last++;
            dirty = true;
        } catch (IOException e) {
            LOG.error("the audit log has lost {}", line, e);
        }
    }

    private void write(byte[] line) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(line);
        try {
            while (buffer.hasRemaining()) {
                file.write(buffer, end + buffer.position());
            }
        } catch (IOException e) {
            file.truncate(end);
            throw e;
        }
        end += line.length;
    }

    /** If it fails, the file written to is still the same, though perhaps under another name. */
    private void rotate() throws IOException {
        // Whoever flushes meanwhile may find the file closed.
        file.force(false);
        int free = 0;
        while (free < FILES_KEPT && Files.exists(path(free))) {
            free++;
        }
        for (int i = free; i > 0; i--) {
            Files.move(path(i - 1), path(i), StandardCopyOption.ATOMIC_MOVE);
        }
        FileChannel next = append();
        file.close();
        file = next;
        end = file.position();
    }

    /** Without the lock, since it may take long and calls are being made. */
    private void flush() {
        FileChannel flushed;
        synchronized (this) {
            if (!dirty) {
                return;
            }
            dirty = false;
            flushed = file;
        }
        try {
            flushed.force(false);
        } catch (ClosedChannelException e) {
            LOG.debug("the file was put aside, and was made durable for that", e);
        } catch (IOException e) {
            LOG.error("the audit log could not be made durable", e);
            synchronized (this) {
                dirty = true;
            }
        }
    }

    /**
     * Entries from the newest on.
     *
     * @param wanted only those that fit
     * @param since the end: what is older, or was written before something older, is left out
     * @param before only those with a smaller number
     */
    public List<JsonNode> read(Predicate<JsonNode> wanted, Instant since, long before, int limit) {
        List<JsonNode> found = new ArrayList<>();
        try (Closer closer = Closer.create()) {
            for (AuditReader reader : readers(closer)) {
                reader.passOver(before);
                for (JsonNode entry = reader.next(); entry != null; entry = reader.next()) {
                    if (isOlder(entry, since)) {
                        return found;
                    }
                    if (AuditReader.number(entry) < before && wanted.test(entry)) {
                        found.add(entry);
                    }
                    if (found.size() == limit) {
                        return found;
                    }
                }
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The audit log cannot be read", e);
        }
        return found;
    }

    /** The files as they are now, the newest first: they stay readable whatever is put aside meanwhile. */
    private synchronized List<AuditReader> readers(Closer closer) throws IOException {
        List<AuditReader> readers = new ArrayList<>();
        for (int i = 0; i <= FILES_KEPT; i++) {
            if (Files.exists(path(i))) {
                FileChannel opened = closer.register(FileChannel.open(path(i), StandardOpenOption.READ));
                readers.add(new AuditReader(opened, i == 0 ? Math.min(end, opened.size()) : opened.size()));
            }
        }
        return readers;
    }

    /** Not, if a purge has overwritten the time. */
    private static boolean isOlder(JsonNode entry, Instant time) {
        try {
            return Instant.parse(entry.path("at").asText()).isBefore(time);
        } catch (DateTimeException e) {
            return false;
        }
    }

    @Override
    public void close() {
        flusher.shutdown();
        synchronized (this) {
            try {
                file.force(false);
                file.close();
            } catch (IOException e) {
                LOG.error("the audit log was not closed cleanly", e);
            }
        }
    }
}

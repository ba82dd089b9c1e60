package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.dogear.store.StoreException;
import dev.dogear.store.object.Range;
import dev.dogear.store.tree.purge.Secrets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The files the daemon writes about itself: the audit log, whose lines have messages of changes, and its own log. */
final class ServerLogs {
    private static final String LOGS = "{audit.*.jsonl,daemon.*.log,daemon.out}";

    private final Path server;

    /** @param server the folder of the data folder that has them */
    ServerLogs(Path server) {
        this.server = server;
    }

    /**
     * Overwrites what is to be nowhere by asterisks, as many as there were bytes, so that who appends meanwhile notices nothing.
     *
     * @return in how many places
     */
    int overwrite(Secrets secrets) {
        Secrets spelled = spelled(secrets);
        int places = 0;
        try {
            for (Path file : files()) {
                places += overwrite(file, spelled);
            }
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.IO,
                    "The repository was purged, but the logs in " + server + " were not: " + e.getMessage(),
                    e);
        }
        return places;
    }

    /** With what they look like in a string of JSON, which most lines are. */
    private static Secrets spelled(Secrets secrets) {
        List<byte[]> spellings = new ArrayList<>(secrets.needles());
        for (byte[] needle : secrets.needles()) {
            byte[] spelling = JsonStringEncoder.getInstance().quoteAsUTF8(new String(needle, StandardCharsets.UTF_8));
            // No line of a log is so long.
            if (spelling.length <= Secrets.MOST_BYTES) {
                spellings.add(spelling);
            }
        }
        return Secrets.of(spellings, List.of());
    }

    /** The newest first: one that is put aside meanwhile gets a higher number, and is read there again. */
    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(server, LOGS)) {
            found.forEach(files::add);
        }
        Collections.sort(files);
        return files;
    }

    private static int overwrite(Path file, Secrets secrets) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            List<Range> found = secrets.find(bytes(channel));
            for (Range range : found) {
                byte[] asterisks = new byte[(int) (range.end() - range.start())];
                Arrays.fill(asterisks, (byte) '*');
                ByteBuffer out = ByteBuffer.wrap(asterisks);
                while (out.hasRemaining()) {
                    channel.write(out, range.start() + out.position());
                }
            }
            channel.force(false);
            return found.size();
        } catch (NoSuchFileException e) {
            // It was put aside: see above. Or it was the oldest.
            return 0;
        }
    }

    private static byte[] bytes(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // On to the end.
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}

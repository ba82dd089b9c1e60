package dev.dogear.control.rest.repository;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.Range;
import dev.dogear.store.tree.purge.Secrets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** The files the daemon writes about itself: the audit log, whose lines have messages of changes, and its own log. */
final class ServerLogs {
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
        int places = 0;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(server, "{audit.*,daemon.*}")) {
            for (Path file : found) {
                places += overwrite(file, secrets);
            }
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.IO,
                    "The repository was purged, but the logs in " + server + " were not: " + e.getMessage(),
                    e);
        }
        return places;
    }

    private static int overwrite(Path file, Secrets secrets) throws IOException {
        int places = 0;
        byte[] bytes = Files.readAllBytes(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (Range range : secrets.find(bytes)) {
                byte[] asterisks = new byte[(int) (range.end() - range.start())];
                Arrays.fill(asterisks, (byte) '*');
                ByteBuffer out = ByteBuffer.wrap(asterisks);
                while (out.hasRemaining()) {
                    channel.write(out, range.start() + out.position());
                }
                places++;
            }
            channel.force(false);
        }
        return places;
    }
}

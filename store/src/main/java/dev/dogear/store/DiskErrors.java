package dev.dogear.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What is asked of the disk that files are on, and what it says as the store's exceptions. */
public final class DiskErrors {
    /** Free space below which a failed write is put down to a full disk whatever its text, which may be translated. */
    private static final long FULL_BYTES = 64 << 10;

    /** What is to stay free beside a copy. */
    private static final long SPARE_BYTES = 64L << 20;

    private DiskErrors() {}

    /**
     * NO_SPACE or IO.
     *
     * @param what was tried and failed
     * @param near something that is on the same disk
     */
    public static StoreException of(String what, Path near, IOException cause) {
        if (isNoSpace(near, cause)) {
            return new StoreException(
                    StoreException.Kind.NO_SPACE, what + ": the disk is full; free some space and try again", cause);
        }
        return new StoreException(StoreException.Kind.IO, what + ": " + cause.getMessage(), cause);
    }

    /** Whether it failed since the disk is full, or what its user may take of it. */
    public static boolean isNoSpace(Path near, IOException cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("quota exceeded") || isFull(near);
    }

    /** Whether next to nothing is free. */
    public static boolean isFull(Path near) {
        try {
            return Files.getFileStore(near).getUsableSpace() < FULL_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Before a copy is made.
     *
     * @param what needs it, as a sentence without its stop
     * @throws StoreException NO_SPACE if the disk cannot hold so many bytes more and go on; IO
     */
    public static void requireRoom(String what, Path near, long bytes) {
        long needed = bytes + SPARE_BYTES;
        long free;
        try {
            free = Files.getFileStore(near).getUsableSpace();
        } catch (IOException e) {
            throw of(what + ", and the disk does not say what is free", near, e);
        }
        if (free < needed) {
            throw new StoreException(
                    StoreException.Kind.NO_SPACE,
                    what + ": about " + needed + " bytes, but " + free + " are free. Make room and try again");
        }
    }

    /** Makes a file, or the names in a directory, survive a power cut. */
    public static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

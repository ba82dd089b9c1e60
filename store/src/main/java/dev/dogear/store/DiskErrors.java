package dev.dogear.store.journal;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Turns what the operating system says about a journal's files into the store's exceptions. */
final class DiskErrors {
    /** Free space below which a failed write is put down to a full disk whatever its text, which may be translated. */
    private static final long FULL_BYTES = 64 << 10;

    private DiskErrors() {}

    static StoreException of(String what, Path near, IOException cause) {
        if (isNoSpace(near, cause)) {
            return new StoreException(
                    StoreException.Kind.NO_SPACE, what + ": the disk is full; free some space and try again", cause);
        }
        return new StoreException(StoreException.Kind.IO, what + ": " + cause.getMessage(), cause);
    }

    static boolean isNoSpace(Path near, IOException cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            return true;
        }
        try {
            return Files.getFileStore(near).getUsableSpace() < FULL_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes the names in a directory survive a power cut. */
    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

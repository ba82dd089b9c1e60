package dev.dogear.mount.commands;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is in {@code .dogear/}, and the directory itself. File ids are the highest there are, which no file ever gets. */
public enum CommandFile {
    DIRECTORY(".dogear", false),
    STATUS("status", false),
    LOG("log", false),
    DIFF("diff", false),
    ERROR("error", false),
    CHECKPOINT("checkpoint", true),
    UNDO("undo", true),
    REDO("redo", true);

    private static final int FIRST_ID = 0xffff_ff00;
    private static final CommandFile[] ALL = values();

    private final byte[] text;
    private final boolean written;

    CommandFile(String text, boolean written) {
        this.text = text.getBytes(StandardCharsets.UTF_8);
        this.written = written;
    }

    /** Whether that file id is one of these. */
    public static boolean is(int fileId) {
        return Integer.compareUnsigned(fileId, FIRST_ID) >= 0;
    }

    /** The one of that file id, or null. */
    public static @Nullable CommandFile of(int fileId) {
        int index = fileId - FIRST_ID;
        return is(fileId) && index < ALL.length ? ALL[index] : null;
    }

    /** The one of that name in the directory, or null. */
    public static @Nullable CommandFile named(byte[] name) {
        for (CommandFile file : ALL) {
            if (file != DIRECTORY && Arrays.equals(file.text, name)) {
                return file;
            }
        }
        return null;
    }

    /** Whether that is the directory's own name. */
    public static boolean isDirectoryName(byte[] name) {
        return Arrays.equals(DIRECTORY.text, name);
    }

    public int fileId() {
        return FIRST_ID + ordinal();
    }

    /** Its name. */
    public byte[] text() {
        return text.clone();
    }

    /** Whether it is written to rather than read. */
    boolean isWritten() {
        return written;
    }
}

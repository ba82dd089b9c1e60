package dev.dogear.mount.commands;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is in {@code .dogear/}, and the directory itself. File ids are the highest there are, which no file ever gets. */
public enum CommandFile {
    DIRECTORY(0, ".dogear", false),
    STATUS(1, "status", false),
    LOG(2, "log", false),
    DIFF(3, "diff", false),
    ERROR(4, "error", false),
    CHECKPOINT(5, "checkpoint", true),
    UNDO(6, "undo", true),
    REDO(7, "redo", true),
    CONFLICTS(8, "conflicts", false);

    private static final int FIRST_ID = 0xffff_ff00;
    private static final CommandFile[] ALL = values();
    private static final byte[] DIRECTORY_NAME = DIRECTORY.text();

    private final int index;
    private final String text;
    private final boolean written;

    CommandFile(int index, String text, boolean written) {
        this.index = index;
        this.text = text;
        this.written = written;
    }

    /** Whether that file id is one of these. */
    public static boolean is(int fileId) {
        return Integer.compareUnsigned(fileId, FIRST_ID) >= 0;
    }

    /** The one of that file id, or null. */
    public static @Nullable CommandFile of(int fileId) {
        for (CommandFile file : ALL) {
            if (file.fileId() == fileId) {
                return file;
            }
        }
        return null;
    }

    /** The one of that name in the directory, or null. */
    public static @Nullable CommandFile named(byte[] name) {
        for (CommandFile file : ALL) {
            if (file != DIRECTORY && Arrays.equals(file.text(), name)) {
                return file;
            }
        }
        return null;
    }

    /** Whether that is the directory's own name. */
    public static boolean isDirectoryName(byte[] name) {
        return Arrays.equals(DIRECTORY_NAME, name);
    }

    public int fileId() {
        return FIRST_ID + index;
    }

    /** Its name. */
    public byte[] text() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether it is written to rather than read. */
    boolean isWritten() {
        return written;
    }
}

package dev.dogear.store.tree.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Unified text of differences, as {@code git apply} takes it and, but for renames and modes, {@code patch -p1}. */
public final class Patch {
    private static final byte[] NOTHING = {};

    private Patch() {}

    /**
     * One side of a file's difference.
     *
     * @param path the bytes of its path
     * @param mode as git has it: 0100644, 0100755, 0120000
     * @param content its content; a symbolic link's target
     */
    public record Side(byte[] path, int mode, byte[] content) {
        private boolean sameAs(Side other) {
            return mode == other.mode && Arrays.equals(path, other.path) && Arrays.equals(content, other.content);
        }
    }

    /** The patch of one file: null for the side where it is not. A rename is known by two different paths. */
    public static byte[] of(@Nullable Side before, @Nullable Side after) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (before == null && after == null) {
            return NOTHING;
        }
        if (before != null && after != null && isLink(before) != isLink(after)) {
            // git knows a change of type as a deletion and a creation.
            out.writeBytes(of(before, null));
            out.writeBytes(of(null, after));
            return out.toByteArray();
        }
        if (before != null && after != null && before.sameAs(after)) {
            return NOTHING;
        }
        header(out, before, after);
        byte[] left = before == null ? NOTHING : before.content();
        byte[] right = after == null ? NOTHING : after.content();
        String oldName = before == null ? "/dev/null" : quoted("a/", before.path());
        String newName = after == null ? "/dev/null" : quoted("b/", after.path());
        if (Arrays.equals(left, right)) {
            return out.toByteArray();
        }
        if (TextDiff.isBinary(left) || TextDiff.isBinary(right)) {
            line(out, "Binary files " + oldName + " and " + newName + " differ");
            return out.toByteArray();
        }
        line(out, "--- " + oldName + tab(oldName));
        line(out, "+++ " + newName + tab(newName));
        writeHunks(out, TextDiff.hunks(left, right, TextDiff.CONTEXT_LINES));
        return out.toByteArray();
    }

    private static void header(ByteArrayOutputStream out, @Nullable Side before, @Nullable Side after) {
        byte[] oldPath = before != null ? before.path() : after != null ? after.path() : NOTHING;
        byte[] newPath = after != null ? after.path() : oldPath;
        line(out, "diff --git " + quoted("a/", oldPath) + " " + quoted("b/", newPath));
        if (before == null && after != null) {
            line(out, "new file mode " + Integer.toOctalString(after.mode()));
        } else if (after == null && before != null) {
            line(out, "deleted file mode " + Integer.toOctalString(before.mode()));
        } else if (before != null && after != null) {
            if (before.mode() != after.mode()) {
                line(out, "old mode " + Integer.toOctalString(before.mode()));
                line(out, "new mode " + Integer.toOctalString(after.mode()));
            }
            if (!Arrays.equals(oldPath, newPath)) {
                line(out, "rename from " + quoted("", oldPath));
                line(out, "rename to " + quoted("", newPath));
            }
        }
    }

    private static boolean isLink(Side side) {
        return (side.mode() & 0170000) == 0120000;
    }

    private static void writeHunks(ByteArrayOutputStream out, List<Hunk> hunks) {
        for (Hunk hunk : hunks) {
            line(
                    out,
                    "@@ -" + range(hunk.oldStart(), hunk.oldLines()) + " +" + range(hunk.newStart(), hunk.newLines())
                            + " @@");
            for (Hunk.Line line : hunk.lines()) {
                out.write(line.kind().sign());
                out.writeBytes(line.bytes());
                out.write('\n');
            }
        }
    }

    private static String range(int start, int lines) {
        return lines == 1 ? Integer.toString(start) : start + "," + lines;
    }

    /** A name with a blank is ended by a tab, as git does, or {@code patch} takes what follows the blank for a date. */
    private static String tab(String name) {
        return name.indexOf(' ') >= 0 ? "\t" : "";
    }

    /** A path as git writes it: in quotes with C escapes where a byte is a control character, a quote or a backslash. */
    private static String quoted(String prefix, byte[] path) {
        StringBuilder text = new StringBuilder(prefix);
        boolean quotes = false;
        for (byte b : path) {
            int value = b & 0xFF;
            int escape = "\007\b\t\n\013\f\r\"\\".indexOf(value);
            if (escape >= 0) {
                quotes = true;
                text.append('\\').append("abtnvfr\"\\".charAt(escape));
            } else if (value < 0x20 || value >= 0x7F) {
                quotes = true;
                text.append('\\').append(String.format("%03o", value));
            } else {
                text.append((char) value);
            }
        }
        return quotes ? "\"" + text + "\"" : text.toString();
    }

    private static void line(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        out.write('\n');
    }
}

package dev.dogear.control.rest.change;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The hunks of one file's patch, read from its text, so that both forms of a diff say the same. */
final class PatchHunks {
    private static final Pattern HEADER = Pattern.compile("@@ -(\\d+)(?:,(\\d+))? \\+(\\d+)(?:,(\\d+))? @@.*");

    private final ArrayNode hunks = Json.object().arrayNode();
    private boolean binary;
    private int additions;
    private int deletions;

    private PatchHunks() {}

    static PatchHunks parse(String patch) {
        PatchHunks parsed = new PatchHunks();
        ArrayNode lines = null;
        int oldLeft = 0;
        int newLeft = 0;
        for (String line : patch.split("\n", -1)) {
            char first = line.isEmpty() ? 0 : line.charAt(0);
            if (lines != null && first == '\\') {
                add(lines, "annotation", line.substring(1).strip());
            } else if (lines != null && (oldLeft > 0 || newLeft > 0)) {
                // Counted, because a deleted line may itself look like a header.
                oldLeft -= first == '+' ? 0 : 1;
                newLeft -= first == '-' ? 0 : 1;
                parsed.line(lines, first, line);
            } else {
                Matcher header = HEADER.matcher(line);
                if (header.matches()) {
                    oldLeft = number(header.group(2));
                    newLeft = number(header.group(4));
                    lines = parsed.open(header, oldLeft, newLeft);
                } else if (line.startsWith("Binary files ") || line.startsWith("GIT binary patch")) {
                    parsed.binary = true;
                }
            }
        }
        return parsed;
    }

    private ArrayNode open(Matcher header, int oldLines, int newLines) {
        ObjectNode hunk = hunks.addObject()
                .put("old_start", number(header.group(1)))
                .put("old_lines", oldLines)
                .put("new_start", number(header.group(3)))
                .put("new_lines", newLines);
        return hunk.putArray("lines");
    }

    private void line(ArrayNode lines, char first, String line) {
        switch (first) {
            case '+' -> {
                additions++;
                add(lines, "added", line.substring(1));
            }
            case '-' -> {
                deletions++;
                add(lines, "deleted", line.substring(1));
            }
            default -> add(lines, "context", line.isEmpty() ? line : line.substring(1));
        }
    }

    private static void add(ArrayNode lines, String kind, String text) {
        lines.addObject().put("kind", kind).put("text", text);
    }

    /** A count that is left out is one. */
    private static int number(@Nullable String digits) {
        return digits == null ? 1 : Integer.parseInt(digits);
    }

    /** Whether the patch says no more than that the bytes differ. */
    boolean isBinary() {
        return binary;
    }

    int additions() {
        return additions;
    }

    int deletions() {
        return deletions;
    }

    ArrayNode view() {
        return hunks;
    }
}

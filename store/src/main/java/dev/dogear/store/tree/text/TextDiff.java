package dev.dogear.store.tree.text;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;

/** Differences of two texts by lines. */
public final class TextDiff {
    /** Lines of context that people and tools expect. */
    public static final int CONTEXT_LINES = 3;

    private static final int BINARY_PROBE_BYTES = 8000;
    private static final byte[] NO_NEWLINE = " No newline at end of file".getBytes(StandardCharsets.US_ASCII);

    private TextDiff() {}

    /** Whether content is not text: a NUL among its first 8,000 bytes. */
    public static boolean isBinary(byte[] content) {
        for (int i = 0; i < Math.min(content.length, BINARY_PROBE_BYTES); i++) {
            if (content[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** The hunks that turn {@code before} into {@code after}, with {@code context} lines around each; empty if equal. */
    public static ImmutableList<Hunk> hunks(byte[] before, byte[] after, int context) {
        RawText left = new RawText(before);
        RawText right = new RawText(after);
        EditList edits = new HistogramDiff().diff(RawTextComparator.DEFAULT, left, right);
        ImmutableList.Builder<Hunk> hunks = ImmutableList.builder();
        for (int i = 0; i < edits.size(); ) {
            int end = i + 1;
            while (end < edits.size()
                    && edits.get(end).getBeginA() - edits.get(end - 1).getEndA() <= 2 * context) {
                end++;
            }
            hunks.add(hunk(left, right, edits.subList(i, end), context));
            i = end;
        }
        return hunks.build();
    }

    /** The lines of a text, without their ends. */
    public static ImmutableList<byte[]> lines(byte[] text) {
        RawText raw = new RawText(text);
        ImmutableList.Builder<byte[]> lines = ImmutableList.builder();
        for (int i = 0; i < raw.size(); i++) {
            var line = raw.getRawString(i);
            byte[] bytes = new byte[line.remaining()];
            line.get(bytes);
            lines.add(bytes);
        }
        return lines.build();
    }

    /** For each line of {@code after} its number in {@code before}, -1 if it was not there. */
    public static int[] origins(byte[] before, byte[] after) {
        RawText left = new RawText(before);
        RawText right = new RawText(after);
        int[] origins = new int[right.size()];
        int old = 0;
        int at = 0;
        for (Edit edit : new HistogramDiff().diff(RawTextComparator.DEFAULT, left, right)) {
            while (at < edit.getBeginB()) {
                origins[at++] = old++;
            }
            while (at < edit.getEndB()) {
                origins[at++] = -1;
            }
            old = edit.getEndA();
        }
        while (at < origins.length) {
            origins[at++] = old++;
        }
        return origins;
    }

    private static Hunk hunk(RawText left, RawText right, List<Edit> edits, int context) {
        Edit first = edits.get(0);
        Edit last = edits.get(edits.size() - 1);
        int oldBegin = Math.max(0, first.getBeginA() - context);
        int newBegin = Math.max(0, first.getBeginB() - context);
        int oldEnd = Math.min(left.size(), last.getEndA() + context);
        int newEnd = Math.min(right.size(), last.getEndB() + context);
        List<Hunk.Line> lines = new ArrayList<>();
        int at = oldBegin;
        for (Edit edit : edits) {
            add(lines, Hunk.Kind.CONTEXT, left, at, edit.getBeginA());
            add(lines, Hunk.Kind.DELETED, left, edit.getBeginA(), edit.getEndA());
            add(lines, Hunk.Kind.ADDED, right, edit.getBeginB(), edit.getEndB());
            at = edit.getEndA();
        }
        add(lines, Hunk.Kind.CONTEXT, left, at, oldEnd);
        return new Hunk(
                start(oldBegin, oldEnd),
                oldEnd - oldBegin,
                start(newBegin, newEnd),
                newEnd - newBegin,
                ImmutableList.copyOf(lines));
    }

    private static int start(int begin, int end) {
        return begin == end ? begin : begin + 1;
    }

    private static void add(List<Hunk.Line> lines, Hunk.Kind kind, RawText text, int from, int to) {
        for (int i = from; i < to; i++) {
            var line = text.getRawString(i);
            byte[] bytes = new byte[line.remaining()];
            line.get(bytes);
            lines.add(new Hunk.Line(kind, bytes));
            if (i == text.size() - 1 && text.isMissingNewlineAtEnd()) {
                lines.add(new Hunk.Line(Hunk.Kind.ANNOTATION, NO_NEWLINE));
            }
        }
    }
}

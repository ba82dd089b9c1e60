package dev.dogear.store.tree.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.merge.MergeAlgorithm;
import org.eclipse.jgit.merge.MergeChunk;
import org.eclipse.jgit.merge.MergeChunk.ConflictState;
import org.eclipse.jgit.merge.MergeResult;

/** Three-way merges of texts by lines. Edits of adjacent lines conflict, the same edit on both sides does not. */
public final class TextMerge {
    private static final int MARKER_LENGTH = 7;
    private static final String MARKERS = "<|=>";

    private TextMerge() {}

    /** Merges what {@code ours} and {@code theirs} made of {@code base}; empty for a file both sides added. */
    public static Merged merge(byte[] base, byte[] ours, byte[] theirs, Labels labels) {
        MergeResult<RawText> result = new MergeAlgorithm(new HistogramDiff())
                .merge(RawTextComparator.DEFAULT, new RawText(base), new RawText(ours), new RawText(theirs));
        Writer writer = new Writer(result, labels, markerLength(base, ours, theirs));
        for (MergeChunk chunk : result) {
            writer.chunk(chunk);
        }
        return writer.finish();
    }

    /** Longer than what looks like a marker in one of the texts. */
    private static int markerLength(byte[]... texts) {
        int longest = MARKER_LENGTH;
        for (byte[] text : texts) {
            for (int i = 0; i < text.length; i++) {
                if ((i == 0 || text[i - 1] == '\n') && MARKERS.indexOf(text[i]) >= 0) {
                    int end = i;
                    while (end < text.length && text[end] == text[i]) {
                        end++;
                    }
                    longest = end - i >= MARKER_LENGTH ? Math.max(longest, end - i + 1) : longest;
                }
            }
        }
        return longest;
    }

    /**
     * What came out.
     *
     * @param content the merged text; with conflicts marked in diff3 style
     * @param conflicts how many places have no single answer
     */
    public record Merged(byte[] content, int conflicts) {
        /** Whether there is one answer. */
        public boolean isClean() {
            return conflicts == 0;
        }
    }

    /** The names that conflict markers show. */
    public record Labels(String ours, String base, String theirs) {}

    /** Puts the chunks of a merge together. */
    private static final class Writer {
        private final MergeResult<RawText> result;
        private final Labels labels;
        private final int markerLength;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private boolean lineEnded = true;
        private boolean inConflict;
        private boolean inTheirs;
        private int conflicts;

        Writer(MergeResult<RawText> result, Labels labels, int markerLength) {
            this.result = result;
            this.labels = labels;
            this.markerLength = markerLength;
        }

        void chunk(MergeChunk chunk) {
            ConflictState state = chunk.getConflictState();
            if (state == ConflictState.NO_CONFLICT || state == ConflictState.FIRST_CONFLICTING_RANGE) {
                endConflict();
            }
            if (state == ConflictState.FIRST_CONFLICTING_RANGE) {
                inConflict = true;
                conflicts++;
                marker('<', labels.ours());
            } else if (state == ConflictState.BASE_CONFLICTING_RANGE) {
                marker('|', labels.base());
            } else if (state == ConflictState.NEXT_CONFLICTING_RANGE) {
                inTheirs = true;
                marker('=', "");
            }
            RawText text = result.getSequences().get(chunk.getSequenceIndex());
            for (int i = chunk.getBegin(); i < chunk.getEnd(); i++) {
                line(text, i);
            }
        }

        Merged finish() {
            endConflict();
            return new Merged(out.toByteArray(), conflicts);
        }

        private void endConflict() {
            if (inConflict && inTheirs) {
                marker('>', labels.theirs());
                inConflict = false;
                inTheirs = false;
            }
        }

        private void line(RawText text, int index) {
            endLine();
            ByteBuffer line = text.getRawString(index);
            out.write(line.array(), line.arrayOffset() + line.position(), line.remaining());
            // A last line without newline gets one only if more follows.
            lineEnded = index < text.size() - 1 || !text.isMissingNewlineAtEnd();
            if (lineEnded) {
                out.write('\n');
            }
        }

        private void marker(char sign, String label) {
            endLine();
            String text = String.valueOf(sign).repeat(markerLength) + (label.isEmpty() ? "" : " " + label) + "\n";
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        }

        private void endLine() {
            if (!lineEnded) {
                out.write('\n');
                lineEnded = true;
            }
        }
    }
}

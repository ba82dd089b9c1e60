package dev.dogear.store.tree.text;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.merge.MergeAlgorithm;
import org.eclipse.jgit.merge.MergeChunk;
import org.eclipse.jgit.merge.MergeChunk.ConflictState;
import org.eclipse.jgit.merge.MergeResult;

/** Three-way merges of texts by lines. Edits of adjacent lines conflict, the same edit on both sides does not. */
public final class TextMerge {
    private TextMerge() {}

    /** Merges what {@code ours} and {@code theirs} made of {@code base}; empty for a file both sides added. */
    public static Merged merge(byte[] base, byte[] ours, byte[] theirs, Labels labels) {
        MergeResult<RawText> result = new MergeAlgorithm(new HistogramDiff())
                .merge(RawTextComparator.DEFAULT, new RawText(base), new RawText(ours), new RawText(theirs));
        ImmutableList.Builder<Piece> pieces = ImmutableList.builder();
        List<MergeChunk> conflict = new ArrayList<>();
        for (MergeChunk chunk : result) {
            ConflictState state = chunk.getConflictState();
            boolean begins = state == ConflictState.NO_CONFLICT || state == ConflictState.FIRST_CONFLICTING_RANGE;
            if (begins && !conflict.isEmpty()) {
                pieces.add(conflict(result, conflict));
                conflict.clear();
            }
            if (state == ConflictState.NO_CONFLICT) {
                pieces.add(new Piece(false, part(result, chunk), Part.NONE, Part.NONE));
            } else {
                conflict.add(chunk);
            }
        }
        if (!conflict.isEmpty()) {
            pieces.add(conflict(result, conflict));
        }
        return new Merged(pieces.build(), new Markers(Markers.length(base, ours, theirs), labels));
    }

    private static Piece conflict(MergeResult<RawText> result, List<MergeChunk> chunks) {
        Part ours = Part.NONE;
        Part base = Part.NONE;
        Part theirs = Part.NONE;
        for (MergeChunk chunk : chunks) {
            switch (chunk.getConflictState()) {
                case BASE_CONFLICTING_RANGE -> base = part(result, chunk);
                case NEXT_CONFLICTING_RANGE -> theirs = part(result, chunk);
                default -> ours = part(result, chunk);
            }
        }
        return new Piece(true, ours, base, theirs);
    }

    private static Part part(MergeResult<RawText> result, MergeChunk chunk) {
        RawText text = result.getSequences().get(chunk.getSequenceIndex());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = chunk.getBegin(); i < chunk.getEnd(); i++) {
            ByteBuffer line = text.getRawString(i);
            bytes.write(line.array(), line.arrayOffset() + line.position(), line.remaining());
            if (i < text.size() - 1 || !text.isMissingNewlineAtEnd()) {
                bytes.write('\n');
            }
        }
        return new Part(chunk.getBegin(), chunk.getEnd() - chunk.getBegin(), bytes.toByteArray());
    }

    /**
     * Lines of one text.
     *
     * @param begin how many lines are before them
     * @param bytes with their newlines; the last line of a text may have none
     */
    public record Part(int begin, int lines, byte[] bytes) {
        static final Part NONE = new Part(0, 0, new byte[0]);
    }

    /**
     * A stretch of a merged text.
     *
     * @param isConflict both sides changed it; else {@code ours} is what came out
     */
    public record Piece(boolean isConflict, Part ours, Part base, Part theirs) {}

    /**
     * What came out.
     *
     * @param pieces in order
     * @param markers how conflicts are shown
     */
    public record Merged(ImmutableList<Piece> pieces, Markers markers) {
        /** Whether there is one answer. */
        public boolean isClean() {
            return pieces.stream().noneMatch(Piece::isConflict);
        }

        /** How many places have no single answer. */
        public int conflicts() {
            return (int) pieces.stream().filter(Piece::isConflict).count();
        }

        /** The merged text; with conflicts marked in diff3 style. */
        public byte[] content() {
            Lines out = new Lines();
            for (Piece piece : pieces) {
                if (piece.isConflict()) {
                    markers.write(
                            out,
                            List.of(piece.ours().bytes(), piece.theirs().bytes()),
                            List.of(piece.base().bytes()));
                } else {
                    out.lines(piece.ours().bytes());
                }
            }
            return out.toBytes();
        }

        /** The merged text with those bytes where there are conflicts, in order; as many as there are. */
        public byte[] resolved(List<byte[]> answers) {
            Lines out = new Lines();
            int next = 0;
            for (Piece piece : pieces) {
                out.lines(
                        piece.isConflict() ? answers.get(next++) : piece.ours().bytes());
            }
            return out.toBytes();
        }

        /**
         * A base for another merge: where there is no answer it has one line that none of the texts has, so that whatever
         * one side made of it is an edit, and no marker is ever within markers.
         */
        public byte[] asBase() {
            List<byte[]> answers = new ArrayList<>();
            for (Piece piece : pieces) {
                if (piece.isConflict()) {
                    String id = Hashing.sha256()
                            .newHasher()
                            .putBytes(piece.ours().bytes())
                            .putInt(piece.ours().bytes().length)
                            .putBytes(piece.theirs().bytes())
                            .hash()
                            .toString();
                    answers.add(Lines.ascii("(the common ancestors differ here: " + id.substring(0, 16) + ")\n"));
                }
            }
            return resolved(answers);
        }
    }

    /** The names that conflict markers show. */
    public record Labels(String ours, String base, String theirs) {}
}

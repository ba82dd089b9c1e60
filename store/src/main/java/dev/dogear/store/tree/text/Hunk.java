package dev.dogear.store.tree.text;

import com.google.common.collect.ImmutableList;

/**
 * A stretch of a difference with its context.
 *
 * @param oldStart number of its first old line, from 1; with no old lines the line it comes after
 * @param oldLines number of old lines
 * @param newStart number of its first new line, from 1; with no new lines the line it comes after
 * @param newLines number of new lines
 */
public record Hunk(int oldStart, int oldLines, int newStart, int newLines, ImmutableList<Line> lines) {
    /** What a line of a hunk is, in the words of the control API. */
    public enum Kind {
        /** In both texts. */
        CONTEXT(' '),
        /** In the new text only. */
        ADDED('+'),
        /** In the old text only. */
        DELETED('-'),
        /** About the line before: that it has no newline. */
        ANNOTATION('\\');

        private final char sign;

        Kind(char sign) {
            this.sign = sign;
        }

        /** The first character of such a line in a patch. */
        public char sign() {
            return sign;
        }
    }

    /**
     * One line.
     *
     * @param bytes without the newline; shared, not to be written to
     */
    public record Line(Kind kind, byte[] bytes) {}
}

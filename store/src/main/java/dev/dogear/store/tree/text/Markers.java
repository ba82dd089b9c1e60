package dev.dogear.store.tree.text;

import java.util.List;

/**
 * The lines that show a conflict within a text, in diff3 style: ours, what both began with, theirs; further pairs of base
 * and side follow where more than two sides met.
 *
 * @param length of each marker, longer than what looks like one in the texts
 */
public record Markers(int length, TextMerge.Labels labels) {
    private static final int LENGTH_MIN = 7;
    private static final String SIGNS = "<|=>";

    /** Longer than what looks like a marker in one of the texts. */
    static int length(byte[]... texts) {
        int longest = LENGTH_MIN;
        for (byte[] text : texts) {
            for (int i = 0; i < text.length; i++) {
                if ((i == 0 || text[i - 1] == '\n') && SIGNS.indexOf(text[i]) >= 0) {
                    int end = runEnd(text, i);
                    longest = end - i >= LENGTH_MIN ? Math.max(longest, end - i + 1) : longest;
                }
            }
        }
        return longest;
    }

    /** Whether a line of the text is a marker of that length; a line of equals signs alone is none, since headings have them. */
    public static boolean isIn(byte[] text, int length) {
        for (int i = 0; i < text.length; i++) {
            boolean begins = (i == 0 || text[i - 1] == '\n') && (text[i] == '<' || text[i] == '>' || text[i] == '|');
            if (begins && runEnd(text, i) - i == length) {
                return true;
            }
        }
        return false;
    }

    private static int runEnd(byte[] text, int start) {
        int end = start;
        while (end < text.length && text[end] == text[start]) {
            end++;
        }
        return end;
    }

    /** Texts of more than two sides as one conflict between the lines all have in common at both ends. */
    public static Several several(List<byte[]> sides, List<byte[]> bases, TextMerge.Labels labels) {
        List<byte[]> all = new java.util.ArrayList<>(sides);
        all.addAll(bases);
        Markers markers = new Markers(length(all.toArray(new byte[0][])), labels);
        int shortest = all.stream().mapToInt(text -> text.length).min().orElse(0);
        byte[] first = sides.get(0);
        int begin = 0;
        for (int i = 0; i < shortest && sameAt(all, first[i], i, false); i++) {
            begin = first[i] == '\n' ? i + 1 : begin;
        }
        int end = 0;
        for (int i = 0; i < shortest - begin && sameAt(all, first[first.length - 1 - i], i, true); i++) {
            // Common lines at the end begin after a newline.
            int at = first.length - 1 - i;
            end = at > 0 && first[at - 1] == '\n' && lineBegins(all, i) ? i + 1 : end;
        }
        int head = begin;
        int tail = end;
        Lines out = new Lines();
        out.lines(java.util.Arrays.copyOf(first, head));
        markers.write(
                out,
                sides.stream().map(text -> middle(text, head, tail)).toList(),
                bases.stream().map(text -> middle(text, head, tail)).toList());
        out.lines(java.util.Arrays.copyOfRange(first, first.length - tail, first.length));
        return new Several(out.toBytes(), markers.length());
    }

    /** A text that shows several sides, and how long its markers are. */
    public record Several(byte[] content, int markerLength) {}

    private static boolean sameAt(List<byte[]> texts, byte value, int at, boolean fromEnd) {
        return texts.stream().allMatch(text -> text[fromEnd ? text.length - 1 - at : at] == value);
    }

    private static boolean lineBegins(List<byte[]> texts, int fromEnd) {
        return texts.stream().allMatch(text -> {
            int at = text.length - 1 - fromEnd;
            return at == 0 || text[at - 1] == '\n';
        });
    }

    private static byte[] middle(byte[] text, int head, int tail) {
        return java.util.Arrays.copyOfRange(text, head, text.length - tail);
    }

    void write(Lines out, List<byte[]> sides, List<byte[]> bases) {
        out.lines(marker('<', labels.ours()));
        out.lines(sides.get(0));
        for (int i = 0; i < bases.size(); i++) {
            out.lines(marker('|', labels.base()));
            out.lines(bases.get(i));
            out.lines(marker('=', ""));
            out.lines(sides.get(i + 1));
        }
        out.lines(marker('>', labels.theirs()));
    }

    private byte[] marker(char sign, String label) {
        String text = String.valueOf(sign).repeat(length) + (label.isEmpty() ? "" : " " + label) + "\n";
        return Lines.ascii(text);
    }
}

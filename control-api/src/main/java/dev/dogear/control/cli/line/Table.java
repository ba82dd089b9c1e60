package dev.dogear.control.cli.line;

import dev.dogear.control.cli.line.JsonText.Fields;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows in columns as wide as their widest cell. */
public final class Table {
    private static final int ID_LETTERS = 12;

    private final List<String[]> rows = new ArrayList<>();

    public Table(String... head) {
        rows.add(head);
    }

    public void row(String... cells) {
        rows.add(cells);
    }

    public void print(PrintStream out) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** The beginning of a change id, enough for people to tell changes apart. */
    public static String id(String changeId) {
        return changeId.length() > ID_LETTERS ? changeId.substring(0, ID_LETTERS) : changeId;
    }

    /** The first line of a message. */
    public static String subject(String message) {
        int end = message.indexOf('\n');
        return message.isEmpty() ? "(no message)" : end < 0 ? message : message.substring(0, end);
    }

    /** A path of a difference as one line: a letter, then the path. */
    public static String path(Fields path) {
        String letter =
                switch (path.text("status")) {
                    case "added" -> "A ";
                    case "deleted" -> "D ";
                    case "renamed" -> "R ";
                    default -> "M ";
                };
        String from = path.has("old_path") ? path.text("old_path") + " -> " : "";
        return letter + from + path.text("path");
    }
}

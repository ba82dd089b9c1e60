package dev.dogear.control.cli.line;

import java.util.ArrayList;
import java.util.List;

/** Draws a history beside its list: one column for each line of changes under way. */
public final class Graph {
    /** The change each column waits for. */
    private final List<String> columns = new ArrayList<>();

    /** The next change, and what is to be printed for it. */
    public List<String> add(String id, List<String> parents, String text) {
        int at = columns.indexOf(id);
        if (at < 0) {
            at = columns.size();
            columns.add(id);
        }
        List<String> lines = new ArrayList<>();
        // Several columns that waited for this change end in it.
        for (int column = columns.size() - 1; column > at; column--) {
            if (columns.get(column).equals(id)) {
                columns.remove(column);
                lines.add("| ".repeat(at) + "|/" + " |".repeat(Math.max(0, column - at - 1)));
            }
        }
        StringBuilder drawn = new StringBuilder();
        for (int column = 0; column < columns.size(); column++) {
            drawn.append(column == at ? "* " : "| ");
        }
        lines.add(drawn + text);
        int before = columns.size();
        if (parents.isEmpty() || parents.get(0).chars().allMatch(c -> c == 'z')) {
            columns.remove(at);
        } else {
            columns.set(at, parents.get(0));
        }
        for (String parent : parents.subList(Math.min(1, parents.size()), parents.size())) {
            if (!columns.contains(parent)) {
                columns.add(parent);
                lines.add("| ".repeat(at) + "|\\" + " |".repeat(Math.max(0, before - at - 1)));
            }
        }
        return lines;
    }
}

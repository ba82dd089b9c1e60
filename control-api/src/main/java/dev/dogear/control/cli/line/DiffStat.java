package dev.dogear.control.cli.line;

import dev.dogear.control.cli.line.JsonText.Fields;

/** A difference as a line a path, with a bar of signs, as git has it. */
public final class DiffStat {
    /** The longest bar. */
    private static final int SIGNS = 40;

    private DiffStat() {}

    /** The edits of a bookmark have their diff inside. */
    public static ExitCode print(Invocation asked, Fields answer) {
        Fields diff = answer.has("diff") ? answer.object("diff") : answer;
        boolean terminal = Terminal.isColoured(asked.settings());
        int width = 0;
        for (Fields entry : diff.objects("entries")) {
            width = Math.max(width, Table.path(entry).length());
        }
        for (Fields entry : diff.objects("entries")) {
            String name = Table.path(entry);
            asked.out().println(name + " ".repeat(width - name.length()) + " | " + bar(entry, terminal));
        }
        Fields stats = diff.object("stats");
        asked.out()
                .println(stats.text("entries") + " paths, " + stats.text("additions") + " lines added, "
                        + stats.text("deletions") + " deleted");
        return ExitCode.OK;
    }

    private static String bar(Fields entry, boolean terminal) {
        if (entry.has("omitted_reason")) {
            return entry.text("omitted_reason");
        }
        int added = lines(entry, "added");
        int deleted = lines(entry, "deleted");
        int linesASign = Math.max(1, (added + deleted + SIGNS - 1) / SIGNS);
        String plus = "+".repeat((added + linesASign - 1) / linesASign);
        String minus = "-".repeat((deleted + linesASign - 1) / linesASign);
        return (added + deleted) + " "
                + (terminal ? Terminal.Colour.ADDED.of(plus) + Terminal.Colour.DELETED.of(minus) : plus + minus);
    }

    private static int lines(Fields entry, String kind) {
        int count = 0;
        for (Fields hunk : entry.objects("hunks")) {
            for (Fields line : hunk.objects("lines")) {
                count += line.text("kind").equals(kind) ? 1 : 0;
            }
        }
        return count;
    }
}

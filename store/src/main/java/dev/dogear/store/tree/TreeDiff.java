package dev.dogear.store.tree;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectTable;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** How two trees differ, found without looking into what they share. */
public final class TreeDiff {
    private TreeDiff() {}

    /**
     * The paths that differ, in path order. Files at the same path in both are compared, whatever their file ids; of the
     * rest, what has the same file id was renamed, and what has not but the same path is compared. A renamed directory is one change, beside those of what differs inside
     * it ({@link PathChange#oldPath()} is then below the old directory). A file that became a directory or the reverse is
     * one MODIFIED change beside those of the directory's content. All else below an added or deleted directory is listed.
     */
    public static List<PathChange> between(ObjectTable table, Root before, Root after) {
        return between(table, before, after, fileId -> {}, change -> {});
    }

    /**
     * The same; {@code replaced} is told the old file id of each file that was matched by path with one of another file id.
     * {@code stayed} is told what is at its old path as it was, though the directory above is not: it was renamed, and
     * another one came in its place.
     */
    public static List<PathChange> between(
            ObjectTable table, Root before, Root after, IntConsumer replaced, Consumer<PathChange> stayed) {
        return before.equals(after) ? List.of() : new TreeComparison(table, before, after, replaced, stayed).run();
    }

    /** Shows the entries of two directories that are not equal, times and file ids included, in the order of names. */
    public static void entries(
            ObjectTable table, @Nullable ContentRef before, @Nullable ContentRef after, Visitor visitor) {
        ProllyDiff.run(
                table,
                Trees.Layout.INSTANCE,
                before == null ? null : before.id(),
                after == null ? null : after.id(),
                visitor::entry);
    }

    /** Receives entries that differ. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean entry(Name name, @Nullable TreeEntry before, @Nullable TreeEntry after);
    }
}

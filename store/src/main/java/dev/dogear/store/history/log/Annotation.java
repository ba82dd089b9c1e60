package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.text.TextDiff;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which change each line of a file comes from. Lines are handed from a change to those parents that have them, over
 * renames too; what no parent has, the change itself wrote. Unchanged files cost one look-up a change. Used once.
 */
public final class Annotation {
    /** No larger file is annotated. */
    public static final int FILE_BYTES_MAX = 1 << 20;

    /** Lines not explained after so many changes are left to the last ones looked at. */
    static final int EXAMINED_MAX = 50_000;

    private final HistoryTables history;
    private final ObjectTable objects;
    private final PriorityQueue<Change> queue = new PriorityQueue<>(Ancestry.CHILDREN_FIRST);
    private final Map<ObjectId, Open> open = new HashMap<>();
    private final Map<Integer, Change> origins = new HashMap<>();

    /** A line of the file, without its end, and the change it comes from. */
    public record Line(byte[] text, Change change) {}

    /**
     * All lines.
     *
     * @param complete false: the history is longer than was looked at
     */
    public record Lines(ImmutableList<Line> lines, boolean complete) {}

    /** Lines a change has to answer for: by their number in the file asked for, their number in its own. */
    private record Open(TreePath path, Map<Integer, Integer> lines) {}

    public Annotation(HistoryTables history) {
        this.history = history;
        this.objects = history.objects();
    }

    /** @throws StoreException NOT_FOUND; INVALID if it is no text, or too large */
    public Lines of(Change start, TreePath path) {
        TreeEntry entry = file(start.root(), path);
        if (entry == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no file at " + path);
        }
        byte[] content = content(entry);
        if (entry.size() > FILE_BYTES_MAX || TextDiff.isBinary(content)) {
            throw new StoreException(
                    Kind.INVALID, "Only a text of at most " + FILE_BYTES_MAX + " bytes has lines: " + path);
        }
        List<byte[]> texts = TextDiff.lines(content);
        Map<Integer, Integer> all = new HashMap<>();
        for (int line = 0; line < texts.size(); line++) {
            all.put(line, line);
        }
        hand(start, path, all);
        boolean complete = explain();
        ImmutableList.Builder<Line> lines = ImmutableList.builder();
        for (int line = 0; line < texts.size(); line++) {
            Change change = origins.get(line);
            lines.add(new Line(texts.get(line), change == null ? start : change));
        }
        return new Lines(lines.build(), complete);
    }

    private void hand(Change to, TreePath path, Map<Integer, Integer> lines) {
        Open known = open.get(to.commit());
        if (known == null) {
            open.put(to.commit(), new Open(path, new HashMap<>(lines)));
            queue.add(to);
        } else if (known.path().equals(path)) {
            known.lines().putAll(lines);
        } else {
            // Two names of one file before: the lines of the second end here.
            lines.keySet().forEach(line -> origins.put(line, to));
        }
    }

    private boolean explain() {
        int examined = 0;
        while (!queue.isEmpty()) {
            Change change = queue.remove();
            Open lines = open.remove(change.commit());
            if (lines == null) {
                continue;
            }
            if (++examined > EXAMINED_MAX) {
                lines.lines().keySet().forEach(line -> origins.put(line, change));
                continue;
            }
            explain(change, lines);
        }
        return examined <= EXAMINED_MAX;
    }

    private void explain(Change change, Open asked) {
        TreeEntry entry = file(change.root(), asked.path());
        Map<Integer, Integer> left = new HashMap<>(asked.lines());
        for (ObjectId id : change.parents()) {
            Change parent = history.commit(id);
            TreePath path = before(parent.root(), change.root(), asked.path());
            TreeEntry old = path == null ? null : file(parent.root(), path);
            if (path == null || old == null || entry == null) {
                continue;
            }
            Map<Integer, Integer> handed = old.sameContent(entry) ? Map.copyOf(left) : common(old, entry, left);
            if (!handed.isEmpty()) {
                hand(parent, path, handed);
                left.keySet().removeAll(handed.keySet());
            }
            if (left.isEmpty()) {
                return;
            }
        }
        left.keySet().forEach(line -> origins.put(line, change));
    }

    /** Of those lines the ones that the old content has as well, by their numbers there. */
    private Map<Integer, Integer> common(TreeEntry old, TreeEntry entry, Map<Integer, Integer> lines) {
        if (old.size() > FILE_BYTES_MAX) {
            return Map.of();
        }
        int[] origin = TextDiff.origins(content(old), content(entry));
        Map<Integer, Integer> common = new HashMap<>();
        lines.forEach((line, here) -> {
            if (origin[here] >= 0) {
                common.put(line, origin[here]);
            }
        });
        return common;
    }

    /** Where the file was before, or null if it was not. */
    private @Nullable TreePath before(Root before, Root after, TreePath path) {
        if (file(before, path) != null) {
            return path;
        }
        for (PathChange change : TreeDiff.between(objects, before, after)) {
            TreePath old = change.oldPath();
            List<Name> names = change.path().names();
            boolean above = names.size() <= path.names().size()
                    && path.names().subList(0, names.size()).equals(names);
            if (old != null && above && !old.equals(change.path())) {
                List<Name> moved = new ArrayList<>(old.names());
                moved.addAll(path.names().subList(names.size(), path.names().size()));
                return TreePath.of(moved);
            }
        }
        return null;
    }

    private @Nullable TreeEntry file(Root root, TreePath path) {
        TreeEntry entry = Trees.find(objects, root, path);
        TreeEntry resolved = entry == null ? null : Trees.resolve(objects, root, entry);
        return resolved != null && resolved.type() == EntryType.FILE ? resolved : null;
    }

    private byte[] content(TreeEntry entry) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(entry.size(), FILE_BYTES_MAX));
        new StoredContent(objects, entry.content(), entry.size()).readUpTo(0, bytes);
        return bytes.array();
    }
}

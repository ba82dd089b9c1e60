package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.LogQuery;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for changes in a history, newest first, a page at a time. A change costs the look-ups of its paths, never a walk
 * over its tree; and a page ends after a number of changes, found or not, so that no request lasts.
 */
public final class LogSearch {
    /** More changes than these are not looked at for one page. */
    static final int EXAMINED_MAX = 20_000;

    private final HistoryTables history;
    private final ObjectTable objects;
    private final LogQuery query;

    /**
     * A page of what was found.
     *
     * @param rest where to go on, empty at the end of the history
     */
    public record Found(ImmutableList<Change> changes, ImmutableList<ChangeId> rest) {}

    public LogSearch(HistoryTables history, LogQuery query) {
        this.history = history;
        this.objects = history.objects();
        this.query = query;
    }

    /** From those changes on, themselves included, down to their beginnings. */
    public Found from(List<Change> start, int limit) {
        PriorityQueue<Change> queue = new PriorityQueue<>(Ancestry.CHILDREN_FIRST);
        Set<ObjectId> seen = new HashSet<>();
        for (Change change : start) {
            if (seen.add(change.commit())) {
                queue.add(change);
            }
        }
        ImmutableList.Builder<Change> found = ImmutableList.builder();
        int count = 0;
        for (int examined = 0; !queue.isEmpty() && count < limit && examined < EXAMINED_MAX; examined++) {
            Change change = queue.remove();
            if (change.id().equals(ChangeId.VIRTUAL_ROOT)) {
                continue;
            }
            for (ObjectId parent : change.parents()) {
                if (seen.add(parent)) {
                    queue.add(history.commit(parent));
                }
            }
            if (query.matches(change) && touches(change)) {
                found.add(change);
                count++;
            }
        }
        queue.removeIf(change -> change.id().equals(ChangeId.VIRTUAL_ROOT));
        return new Found(
                found.build(), queue.stream().map(Change::id).distinct().collect(ImmutableList.toImmutableList()));
    }

    /** Whether it changed one of the paths; a merge only if none of its parents has them as they are. */
    private boolean touches(Change change) {
        if (query.paths().isEmpty()) {
            return true;
        }
        for (ObjectId parent : change.parents()) {
            Root before = history.commit(parent).root();
            if (query.paths().stream().noneMatch(path -> differs(before, change.root(), path))) {
                return false;
            }
        }
        return true;
    }

    private boolean differs(Root before, Root after, TreePath path) {
        return differs(before, Trees.find(objects, before, path), after, Trees.find(objects, after, path));
    }

    private boolean differs(Root before, @Nullable TreeEntry old, Root after, @Nullable TreeEntry entry) {
        if (old == null || entry == null) {
            return (old == null) != (entry == null);
        }
        if (old.type() != EntryType.DIRECTORY || entry.type() != EntryType.DIRECTORY) {
            return !Trees.resolve(objects, before, old).sameState(Trees.resolve(objects, after, entry));
        }
        if (!old.attributes().sameButTimes(entry.attributes())) {
            return true;
        }
        if (Objects.equals(old.content(), entry.content())) {
            return false;
        }
        // Times alone may differ below.
        List<Boolean> found = new ArrayList<>();
        TreeDiff.entries(objects, old.content(), entry.content(), (name, left, right) -> {
            if (differs(before, left, after, right)) {
                found.add(true);
            }
            return found.isEmpty();
        });
        return !found.isEmpty();
    }
}

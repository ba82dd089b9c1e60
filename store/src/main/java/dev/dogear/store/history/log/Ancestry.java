package dev.dogear.store.history.log;

import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.object.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Questions about which change follows which. Walks by generation, so no change is visited before all its children. */
public final class Ancestry {
    private static final int OURS = 1;
    private static final int THEIRS = 2;
    private static final int COMMON = OURS | THEIRS;

    static final Comparator<Change> CHILDREN_FIRST = Comparator.comparingInt(Change::generation)
            .thenComparing(Change::created)
            .reversed()
            .thenComparing(Change::commit);

    private final HistoryTables history;

    public Ancestry(HistoryTables history) {
        this.history = history;
    }

    /** Changes reachable from {@code start}, itself included, without the virtual root: newest first. */
    public List<Change> log(Change start, int skip, int limit) {
        List<Change> found = new ArrayList<>();
        PriorityQueue<Change> queue = new PriorityQueue<>(CHILDREN_FIRST);
        Set<ObjectId> seen = new HashSet<>();
        queue.add(start);
        int passed = 0;
        while (!queue.isEmpty() && found.size() < limit) {
            Change change = queue.remove();
            if (change.id().equals(ChangeId.VIRTUAL_ROOT)) {
                continue;
            }
            if (passed++ >= skip) {
                found.add(change);
            }
            for (ObjectId parent : change.parents()) {
                if (seen.add(parent)) {
                    queue.add(history.commit(parent));
                }
            }
        }
        return found;
    }

    /** Whether {@code ancestor} is {@code change} or can be reached from it. */
    public boolean isAncestor(Change ancestor, Change change) {
        return mergeBases(ancestor, change).stream()
                .anyMatch(base -> base.commit().equals(ancestor.commit()));
    }

    /** The nearest common ancestors: none of them can be reached from another one. One but for criss-cross histories. */
    public List<Change> mergeBases(Change ours, Change theirs) {
        Painting painting = new Painting();
        painting.mark(ours, OURS);
        painting.mark(theirs, THEIRS);
        return painting.commonAncestors();
    }

    /** A walk from two changes down, each change painted with whom it can be reached from. */
    private final class Painting {
        private final Map<ObjectId, Integer> colours = new HashMap<>();
        private final PriorityQueue<Change> queue = new PriorityQueue<>(CHILDREN_FIRST);
        /** Below a common ancestor, so none of the nearest. */
        private final Set<ObjectId> stale = new HashSet<>();
        /** How many in the queue are not stale: when there are none, all that is left is below what was found. */
        private int fresh;

        void mark(Change change, int colour) {
            Integer before = colours.get(change.commit());
            colours.merge(change.commit(), colour, (a, b) -> a | b);
            if (before == null) {
                queue.add(change);
                fresh += stale.contains(change.commit()) ? 0 : 1;
            }
        }

        private void markStale(ObjectId commit) {
            if (stale.add(commit) && colours.containsKey(commit)) {
                fresh--;
            }
        }

        List<Change> commonAncestors() {
            List<Change> found = new ArrayList<>();
            while (fresh > 0) {
                Change change = queue.remove();
                int colour = colours.getOrDefault(change.commit(), 0);
                if (!stale.contains(change.commit())) {
                    fresh--;
                    if (colour == COMMON) {
                        found.add(change);
                    }
                }
                for (ObjectId parent : change.parents()) {
                    if (colour == COMMON) {
                        markStale(parent);
                    }
                    mark(history.commit(parent), colour);
                }
            }
            found.removeIf(base -> stale.contains(base.commit()));
            return found;
        }
    }
}

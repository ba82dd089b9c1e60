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
        Map<ObjectId, Integer> paint = new HashMap<>();
        PriorityQueue<Change> queue = new PriorityQueue<>(CHILDREN_FIRST);
        Set<ObjectId> stale = new HashSet<>();
        List<Change> bases = new ArrayList<>();
        mark(ours, OURS, paint, queue);
        mark(theirs, THEIRS, paint, queue);
        while (queue.stream().anyMatch(change -> !stale.contains(change.commit()))) {
            Change change = queue.remove();
            int colour = paint.getOrDefault(change.commit(), 0);
            boolean common = colour == COMMON;
            if (common && !stale.contains(change.commit())) {
                bases.add(change);
            }
            for (ObjectId parent : change.parents()) {
                if (common) {
                    stale.add(parent);
                }
                mark(history.commit(parent), colour, paint, queue);
            }
        }
        bases.removeIf(base -> stale.contains(base.commit()));
        return bases;
    }

    private static void mark(Change change, int colour, Map<ObjectId, Integer> paint, PriorityQueue<Change> queue) {
        Integer before = paint.get(change.commit());
        paint.merge(change.commit(), colour, (a, b) -> a | b);
        if (before == null) {
            queue.add(change);
        }
    }
}

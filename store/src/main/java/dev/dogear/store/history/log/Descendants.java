package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.Change;
import dev.dogear.store.object.ObjectId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What bookmarks have on top of a change. Found from the bookmarks down, no further than the change's generation, since
 * a change knows its parents and not its children.
 */
public final class Descendants {
    private final HistoryTables history;
    private final Change root;
    /** Where each bookmark pointed when this was made. */
    private final Map<String, ObjectId> heads = new HashMap<>();

    private final Map<ObjectId, Boolean> known = new HashMap<>();
    private final List<Change> following = new ArrayList<>();
    private final List<String> bookmarks = new ArrayList<>();

    private Descendants(HistoryTables history, Change root) {
        this.history = history;
        this.root = root;
        known.put(root.commit(), true);
    }

    /** Of that commit. */
    public static Descendants of(HistoryTables history, Change root) {
        Descendants descendants = new Descendants(history, root);
        history.bookmarks().all().forEach((name, state) -> {
            descendants.heads.put(name, state.commit());
            if (descendants.follows(state.commit())) {
                descendants.bookmarks.add(name);
            }
        });
        descendants.following.sort(Comparator.comparingInt(Change::generation).thenComparing(Change::commit));
        return descendants;
    }

    /** The bookmarks at the change or at one that follows it, by name. */
    public ImmutableList<String> bookmarks() {
        return ImmutableList.copyOf(bookmarks);
    }

    /** The changes that follow, the change itself not, parents before their children. */
    public ImmutableList<Change> inOrder() {
        return ImmutableList.copyOf(following);
    }

    /** Whether the commit is still its change's, and no other bookmark follows it now. */
    public boolean isCurrent() {
        Change now = history.change(root.id());
        if (now == null || !now.commit().equals(root.commit())) {
            return false;
        }
        for (Map.Entry<String, BookmarkState> each : history.bookmarks().all().entrySet()) {
            ObjectId commit = each.getValue().commit();
            if (!Objects.equals(heads.get(each.getKey()), commit)
                    && (bookmarks.contains(each.getKey()) || follows(commit))) {
                return false;
            }
        }
        return history.bookmarks().all().keySet().containsAll(bookmarks);
    }

    private boolean follows(ObjectId commit) {
        Deque<Change> open = new ArrayDeque<>();
        if (!known.containsKey(commit)) {
            open.push(history.commit(commit));
        }
        while (!open.isEmpty()) {
            Change change = open.peek();
            if (known.containsKey(change.commit())) {
                open.pop();
                continue;
            }
            boolean ready = true;
            boolean follows = false;
            if (change.generation() > root.generation()) {
                for (ObjectId parent : change.parents()) {
                    Boolean parentFollows = known.get(parent);
                    if (parentFollows == null) {
                        open.push(history.commit(parent));
                        ready = false;
                    } else {
                        follows |= parentFollows;
                    }
                }
            }
            if (ready) {
                open.pop();
                known.put(change.commit(), follows);
                if (follows) {
                    following.add(change);
                }
            }
        }
        return known.getOrDefault(commit, false);
    }
}

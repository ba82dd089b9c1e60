package dev.dogear.store.history;

import dev.dogear.store.change.Change;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.tree.Root;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves one or several bookmarks to recorded states while programs have their directories open: undo, redo, merge, move,
 * delete and import are this with different plans.
 *
 * <p>Edits are pushed and stored first with writers running; then the gates close, what was edited in between is stored,
 * the plan is made and published, the live trees are switched and the gates open. Last, the viewers forget what is no
 * longer so. The caller holds the bookmarks' locks.
 */
final class Switching {
    private final LiveRepository repository;
    /** By the numbers of the bookmarks: the order of gates. */
    private final List<String> bookmarks;

    private final Map<String, Root> settled = new LinkedHashMap<>();
    private final Map<String, Live> live = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();

    /** What directories show after the operation, by the bookmark's number. */
    private final Map<Integer, Versioned.Split> shown = new HashMap<>();

    private boolean preview;

    /**
     * A bookmark with its gate closed.
     *
     * @param state as it was published last
     * @param root what its directory shows now, edits included
     */
    record Live(BookmarkState state, Workspace workspace, Root root) {
        /** What an operation records as the state before it. */
        BookmarkState before() {
            return state.showing(root);
        }
    }

    /** What to do, made with the gates closed. */
    @FunctionalInterface
    interface Plan {
        /** The operation; its steps' {@code after} states are what the directories will show. */
        LoggedOperation make(long number);
    }

    /** Decides with the gates closed, by throwing or by answering the plan. */
    @FunctionalInterface
    interface Decision {
        /** What to do, from the bookmarks as they are now. */
        Plan decide(Switching gathered);
    }

    /** Of those bookmarks, which must exist. */
    Switching(LiveRepository repository, List<String> bookmarks) {
        this.repository = repository;
        this.bookmarks = bookmarks.stream()
                .distinct()
                .sorted(Comparator.comparingInt(
                        name -> repository.bookmark(name).number()))
                .toList();
    }

    /** Pushes and stores the edits with writers running, so that little is left to do with the gates closed. */
    void settle() {
        for (String name : bookmarks) {
            Workspace workspace = repository.workspace(repository.bookmark(name));
            repository.viewer().push(workspace);
            settled.put(name, repository.settle(workspace));
        }
    }

    /** What {@link #settle} found a bookmark to show. */
    Root settled(String bookmark) {
        return found(settled, bookmark);
    }

    /** The bookmark as it is with its gate closed. */
    Live live(String bookmark) {
        return found(live, bookmark);
    }

    private static <T> T found(Map<String, T> gathered, String bookmark) {
        T found = gathered.get(bookmark);
        if (found == null) {
            throw new IllegalArgumentException("not gathered: " + bookmark);
        }
        return found;
    }

    /** Rows to publish together with the operation. */
    List<Row> rows() {
        return rows;
    }

    /**
     * Keeps a bookmark's edits as a change nobody points at, so that no verb can lose them.
     *
     * @return null if there are none, or if nothing is to be done but to look
     */
    @Nullable
    Change saveAside(Live live, String by, String message) {
        return preview ? null : repository.saveAside(live.state(), live.root(), by, message, rows);
    }

    /** Stores a change to be published with the operation; the draft itself if nothing is to be done but to look. */
    Change store(Change draft) {
        return preview ? draft : repository.history().store(draft, rows);
    }

    /** The operation that {@link #run} would carry out now, of number 0. Writers go on, and no bookmark moves. */
    LoggedOperation preview(Decision decision) {
        preview = true;
        settle();
        for (String name : bookmarks) {
            BookmarkState state = repository.bookmark(name);
            live.put(name, new Live(state, repository.workspace(state), settled(name)));
        }
        return decision.decide(this).make(0);
    }

    /** Carries a decision out. */
    LoggedOperation run(Decision decision) {
        if (settled.isEmpty()) {
            settle();
        }
        List<Workspace> closed = new ArrayList<>();
        Map<Workspace, List<Viewer.Stale>> stale = new LinkedHashMap<>();
        LiveRepository.Published published;
        try {
            for (String name : bookmarks) {
                BookmarkState state = repository.bookmark(name);
                Workspace workspace = repository.workspace(state);
                workspace.gate().close();
                closed.add(workspace);
                live.put(name, new Live(state, workspace, repository.settle(workspace)));
            }
            published = publish(decision.decide(this));
            switchAll(published.operation(), stale);
        } finally {
            closed.forEach(workspace -> workspace.gate().open());
        }
        published.await();
        show(published.operation(), stale);
        return published.operation();
    }

    private LiveRepository.Published publish(Plan plan) {
        return repository.publish(rows, number -> {
            LoggedOperation operation = plan.make(number);
            for (LoggedOperation.Step step : operation.steps()) {
                BookmarkState after = step.after();
                BookmarkState before = step.before();
                if (after != null) {
                    Versioned.Split split = showing(step.bookmark(), after);
                    shown.put(after.number(), split);
                    rows.addAll(repository.versioned().rows(after.number(), split, repository.cut()));
                } else if (before != null) {
                    rows.addAll(repository.versioned().goneRows(before.number()));
                }
            }
            return operation;
        });
    }

    /** A bookmark that comes back has nothing but what was recorded of it. */
    private Versioned.Split showing(String bookmark, BookmarkState after) {
        Live gathered = live.get(bookmark);
        return gathered == null || gathered.workspace.number() != after.number()
                ? new Versioned.Split(after.root(), after.root(), new byte[0])
                : repository.versioned().showing(repository.workspaces(), gathered.workspace, after.root());
    }

    private void switchAll(LoggedOperation operation, Map<Workspace, List<Viewer.Stale>> stale) {
        for (LoggedOperation.Step step : operation.steps()) {
            BookmarkState after = step.after();
            if (after != null) {
                Workspace workspace = repository.workspace(after);
                // A bookmark that comes back was not gathered; its gate may be nested, so closing it again is harmless.
                workspace.gate().close();
                try {
                    Versioned.Split split = Objects.requireNonNull(shown.get(after.number()));
                    stale.put(workspace, workspace.switchTo(split.whole()));
                    repository.versioned().published(after.number(), split);
                } finally {
                    workspace.gate().open();
                }
            }
        }
    }

    private void show(LoggedOperation operation, Map<Workspace, List<Viewer.Stale>> stale) {
        Viewer viewer = repository.viewer();
        stale.forEach(viewer::forget);
        for (LoggedOperation.Step step : operation.steps()) {
            BookmarkState before = step.before();
            BookmarkState after = step.after();
            if (after == null && before != null) {
                viewer.removed(repository.workspace(before));
            }
            if (after == null || before == null) {
                viewer.namesChanged(repository.workspaces().repositoryName(), step.bookmark());
            }
        }
    }

    /** The state after, as {@code step}'s author wants it, or the bookmark's deletion. */
    static LoggedOperation.Step step(String bookmark, Live live, @Nullable BookmarkState after) {
        return new LoggedOperation.Step(bookmark, live.before(), after);
    }
}

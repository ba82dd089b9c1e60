package dev.dogear.store.history.news;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.ConflictList;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which merges had conflicts: those that stored them, from the operation log; and the newest few that were refused for them
 * since the start, of which no operation tells. Any thread; a lock of its own.
 */
public final class ConflictNews {
    private static final int REFUSED_MAX = 64;
    private static final int PATHS_MAX = 1_000;

    private final HistoryTables history;
    private final Deque<Told> refused = new ArrayDeque<>();
    private long last;

    public ConflictNews(HistoryTables history) {
        this.history = history;
    }

    /**
     * One of them.
     *
     * @param number of the operation, or of the refusal: 1, 2, 3… since the start of the process
     * @param source what was to be merged into {@code target}; empty if the operation does not say
     * @param paths the conflicted ones, the first thousand
     */
    public record Told(
            long number, Instant at, String by, String target, String source, ImmutableList<TreePath> paths) {}

    public synchronized void refused(Instant at, String by, String target, String source, List<TreePath> paths) {
        refused.addLast(new Told(++last, at, by, target, source, first(paths)));
        if (refused.size() > REFUSED_MAX) {
            refused.removeFirst();
        }
    }

    private static ImmutableList<TreePath> first(Collection<TreePath> paths) {
        return paths.stream().limit(PATHS_MAX).collect(ImmutableList.toImmutableList());
    }

    /** The number of the newest that was refused, 0 for none. */
    public synchronized long newestRefused() {
        return last;
    }

    /** Those refused after that number, as far as they are kept. */
    public synchronized List<Told> refusedAfter(long number) {
        return refused.stream().filter(each -> each.number() > number).toList();
    }

    /** What the operation of that number stored as conflicts; none if it is in the log no more. */
    public List<Told> stored(long operation) {
        return history.operations(operation + 1, 1).stream()
                .filter(logged -> logged.number() == operation)
                .flatMap(logged -> logged.steps().stream()
                        .filter(step -> conflicts(step) != null)
                        .map(step -> told(logged, step)))
                .toList();
    }

    private Told told(LoggedOperation merge, LoggedOperation.Step step) {
        BookmarkState after = step.after();
        ImmutableList<TreePath> paths = after == null
                ? ImmutableList.of()
                : first(ConflictList.of(history.objects(), after.root()).keySet());
        String source = merge.steps().stream()
                .filter(other -> !other.equals(step))
                .map(LoggedOperation.Step::bookmark)
                .findFirst()
                .orElse("");
        return new Told(merge.number(), merge.at(), merge.by(), step.bookmark(), source, paths);
    }

    /** The list of conflicts that the step brought, or null. */
    private static @Nullable TreeEntry conflicts(LoggedOperation.Step step) {
        BookmarkState before = step.before();
        BookmarkState after = step.after();
        TreeEntry known = before == null ? null : before.root().conflicts();
        TreeEntry now = after == null ? null : after.root().conflicts();
        return now == null || now.equals(known) ? null : now;
    }
}

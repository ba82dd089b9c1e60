package dev.dogear.store.care;

import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Root;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Verifies everything a store holds: every object's hash, every reference from bookmarks, changes, operations and live
 * workspaces down to the chunks, the tables against each other, the journal's checksums. Works while the store is used
 * and changes nothing.
 */
public final class StoreCheck {
    private final List<String> problems = new ArrayList<>();
    private final GarbageCollector.Progress progress;
    private long objects;
    private long files;

    /**
     * What a check found.
     *
     * @param problems one sentence each; empty: the store is sound
     * @param repositories repositories looked at
     * @param objects objects whose hash was computed
     * @param files directory entries looked at, each shared tree once
     */
    public record Report(List<String> problems, int repositories, long objects, long files) {
        /** Whether nothing is wrong. */
        public boolean isSound() {
            return problems.isEmpty();
        }
    }

    private StoreCheck(GarbageCollector.Progress progress) {
        this.progress = progress;
    }

    /** Checks all repositories. */
    public static Report run(Store store) {
        return run(store, store.repositoryNames(), (stage, done, total) -> {});
    }

    /** Checks some repositories. */
    public static Report run(Store store, List<String> names, GarbageCollector.Progress progress) {
        StoreCheck check = new StoreCheck(progress);
        for (String name : names) {
            try {
                Repository repository = store.repository(name);
                repository.tables().undisturbed(() -> {
                    check.repository(repository);
                    return true;
                });
            } catch (RuntimeException e) {
                check.problems.add("Repository " + name + ": " + e.getMessage());
            }
        }
        return new Report(List.copyOf(check.problems), names.size(), check.objects, check.files);
    }

    private void repository(Repository repository) {
        String prefix = "Repository " + repository.name() + ": ";
        Consumer<String> told = problem -> problems.add(prefix + problem);
        long before = objects;
        objects += repository
                .tables()
                .verify(told, done -> progress.at("objects of " + repository.name(), before + done, 0));
        repository.checkRows(told);
        TreeCheck trees = new TreeCheck(repository.objects(), told);
        Map<String, Root> roots = repository.roots(told);
        long done = 0;
        for (Map.Entry<String, Root> root : roots.entrySet()) {
            trees.check(root.getKey(), root.getValue());
            progress.at("trees of " + repository.name(), ++done, roots.size());
        }
        files += trees.entries();
    }
}

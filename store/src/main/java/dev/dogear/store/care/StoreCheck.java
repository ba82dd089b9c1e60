package dev.dogear.store.care;

import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Root;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Verifies everything a store holds: every object's hash, every reference from bookmarks, changes, operations and live
 * workspaces down to the chunks, the tables against each other, the journal's checksums. Works while the store is used
 * and changes nothing.
 */
public final class StoreCheck {
    private final List<String> problems = new ArrayList<>();
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

    private StoreCheck() {}

    /** Checks all repositories. */
    public static Report run(Store store) {
        StoreCheck check = new StoreCheck();
        int repositories = 0;
        for (String name : store.repositoryNames()) {
            try {
                Repository repository = store.repository(name);
                repository.tables().undisturbed(() -> {
                    check.repository(repository);
                    return true;
                });
            } catch (RuntimeException e) {
                check.problems.add("Repository " + name + ": " + e.getMessage());
            }
            repositories++;
        }
        return new Report(List.copyOf(check.problems), repositories, check.objects, check.files);
    }

    private void repository(Repository repository) {
        String prefix = "Repository " + repository.name() + ": ";
        objects += repository.tables().verify(problem -> problems.add(prefix + problem));
        repository.checkRows(problem -> problems.add(prefix + problem));
        TreeCheck trees = new TreeCheck(repository.objects(), problem -> problems.add(prefix + problem));
        for (Map.Entry<String, Root> root : repository.roots().entrySet()) {
            trees.check(root.getKey(), root.getValue());
        }
        files += trees.entries();
    }
}

package dev.dogear.store.tree.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.ConflictList;
import dev.dogear.store.tree.conflict.Resolution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random criss-cross histories: two lines merged with each other both ways, conflicts answered by one side or the other,
 * edited further and merged once more, so that the merge base is itself a merge. Where git is clean we are, with the same
 * files; where it has a conflict we have one. Without renames: from which base git follows them is its own guess.
 */
final class CrissCrossOracleTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 30);

    @TempDir
    Path repository;

    private final ObjectTable table = new MemoryObjectTable();

    @Test
    void crissCrossHistoriesMergeAsGitMergesThem() throws Exception {
        long seed = Long.getLong("dogear.seed", 1);
        List<AssertionError> failures = new ArrayList<>();
        Map<String, Integer> seen = new TreeMap<>();
        GitOracle git = new GitOracle(repository, table);
        for (int round = 0; round < ROUNDS; round++) {
            RandomHistory history = new RandomHistory(table, new Random(seed + round)).withoutMoves();
            try {
                seen.merge(compare(git, new Random(seed + round), history), 1, Integer::sum);
            } catch (RuntimeException | AssertionError e) {
                failures.add(new AssertionError("seed " + (seed + round) + " " + history.done(), e));
            }
        }
        System.out.println("criss-cross merges compared with git from seed " + seed + ": " + seen);
        if (!failures.isEmpty()) {
            AssertionError first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private String compare(GitOracle git, Random random, RandomHistory history) throws Exception {
        MergeOptions options = new MergeOptions(new Timestamp(99, 0), "ours", "theirs", history::newFileId);
        ModelTree base = history.base();
        history.done().add("-- left");
        ModelTree left = history.side(base, 1 + random.nextInt(3));
        history.done().add("-- right");
        ModelTree right = history.side(base, 1 + random.nextInt(3));
        Root baseRoot = base.store(table);
        Root leftRoot = left.store(table);
        Root rightRoot = right.store(table);
        ModelTree one = answered(TreeMerge.merge(table, baseRoot, leftRoot, rightRoot, options), random, options);
        ModelTree other = answered(TreeMerge.merge(table, baseRoot, rightRoot, leftRoot, options), random, options);
        history.done().add("-- ours");
        ModelTree ours = history.side(one, random.nextInt(3));
        history.done().add("-- theirs");
        ModelTree theirs = history.side(other, random.nextInt(3));
        GitOracle.@Nullable Answer answer = git.mergeCrissCross(List.of(base, left, right, ours, theirs));
        if (answer == null) {
            return "git fell over";
        }
        Root bases = TreeMerge.merge(table, baseRoot, leftRoot, rightRoot, options.mergingBases())
                .root()
                .withConflicts(null);
        MergedTree merged = TreeMerge.merge(table, bases, ours.store(table), theirs.store(table), options);
        if (answer.conflicts().isEmpty()) {
            assertEquals(List.of(), merged.conflicts(), "git is clean");
            assertEquals(answer.files(), git.files(ModelTree.load(table, merged.root())));
            return "clean";
        }
        assertFalse(merged.isClean(), () -> "git has conflicts: " + answer.conflicts());
        return "conflict";
    }

    private ModelTree answered(MergedTree merged, Random random, MergeOptions options) {
        Resolution resolution = new Resolution(table, options.time(), options.fileIds());
        Root root = merged.root();
        for (TreePath path : ConflictList.of(table, root).keySet()) {
            root = resolution.take(root, path, random.nextBoolean() ? Resolution.Take.OURS : Resolution.Take.THEIRS);
        }
        return ModelTree.load(table, root);
    }
}

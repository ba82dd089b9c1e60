package dev.dogear.store.tree.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories merged by us and by git. Where git is clean we are, with the same files; where git has a conflict we
 * have one, but for those the merge rules list as ours to solve.
 */
final class TreeMergeOracleTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 60);

    /**
     * Conflicts of git's that need none, since we know the rename: a directory was renamed on one side while the other put
     * something into it. Git only suggests that it should follow.
     */
    private static final List<String> SOLVED = List.of("CONFLICT (directory rename suggested)");

    @TempDir
    Path repository;

    @Test
    void randomHistoriesMergeAsGitMergesThem() throws Exception {
        long seed = Long.getLong("dogear.seed", 1);
        Map<String, Integer> seen = new TreeMap<>();
        ObjectTable table = new MemoryObjectTable();
        GitOracle git = new GitOracle(repository, table);
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(seed + round);
            RandomHistory history = new RandomHistory(table, random);
            ModelTree base = history.base();
            history.done().add("-- ours");
            ModelTree ours = history.side(base, 1 + random.nextInt(4));
            history.done().add("-- theirs");
            ModelTree theirs = history.side(base, 1 + random.nextInt(4));
            String what = "seed " + (seed + round) + " " + history.done();
            try {
                String kind = compare(git, table, base, ours, theirs, history);
                seen.merge(kind, 1, Integer::sum);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(what, e);
            }
        }
        System.out.println("merges compared with git from seed " + seed + ": " + seen);
    }

    private static String compare(
            GitOracle git, ObjectTable table, ModelTree base, ModelTree ours, ModelTree theirs, RandomHistory history)
            throws Exception {
        GitOracle.Answer answer = git.merge(base, ours, theirs);
        Root baseRoot = base.store(table);
        Root oursRoot = ours.store(table);
        Root theirsRoot = theirs.store(table);
        MergeOptions options = new MergeOptions(new Timestamp(99, 0), "ours", "theirs", history::newFileId);
        MergedTree merged = TreeMerge.merge(table, baseRoot, oursRoot, theirsRoot, options);
        MergedTree swapped = TreeMerge.merge(table, baseRoot, theirsRoot, oursRoot, options);
        ModelTree result = ModelTree.load(table, merged.root());
        checkTree(table, result, merged.root());
        assertEquals(merged.isClean(), swapped.isClean(), () -> merged.conflicts() + " swapped " + swapped.conflicts());
        if (answer.conflicts().isEmpty()) {
            assertEquals(List.of(), merged.conflicts(), "git is clean");
            assertEquals(answer.files(), git.files(result));
            assertEquals(answer.files(), git.files(ModelTree.load(table, swapped.root())));
            return "clean";
        }
        if (merged.isClean()) {
            boolean solved = answer.conflicts().stream()
                    .allMatch(conflict -> SOLVED.stream().anyMatch(conflict::startsWith));
            assertTrue(solved, () -> "git has conflicts: " + answer.conflicts());
            return "solved";
        }
        return "conflict";
    }

    /** What holds for every result: each file id once, every directory as long as its size says. */
    private static void checkTree(ObjectTable table, ModelTree result, Root root) {
        Set<Integer> fileIds = new HashSet<>();
        result.entries().forEach((path, entry) -> {
            assertTrue(fileIds.add(entry.fileId()), () -> "twice: file id " + entry.fileId() + " at " + path);
            assertFalse(entry.type() == EntryType.LINKED);
        });
        assertEquals(result.store(table), root, "sizes of directories");
    }
}

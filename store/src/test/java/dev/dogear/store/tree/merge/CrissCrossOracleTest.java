package dev.dogear.store.tree.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.ConflictList;
import dev.dogear.store.tree.conflict.Resolution;
import dev.dogear.store.tree.merge.GitOracle.Answer;
import dev.dogear.store.tree.merge.GitOracle.GitFile;
import dev.dogear.store.tree.merge.GitOracle.Sides;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random criss-cross histories: two lines merged with each other both ways, conflicts answered by one side or the other,
 * edited further and merged once more, so that the merge base is itself a merge. Git has to come to the same files and to be clean where we are; within
 * the markers of a conflict only the sides are compared, since git nests markers in the base. Without renames: from which
 * base git follows them is its own guess.
 */
final class CrissCrossOracleTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 30);
    private static final int BATCH = 250;

    private static final Pattern HUNK =
            Pattern.compile("(?s)(?<=^|\\n)<{7}\\n((?:.*?\\n)??)={7}\\n((?:.*?\\n)??)>{7}\\n");

    /** From the marker before the base's lines to the one behind them; what is nested has longer ones. */
    private static final Pattern BASE = Pattern.compile("(?s)\\n\\|{7}(?=\\n).*?\\n(?=={7}\\n)");

    @TempDir
    Path repository;

    private final ObjectTable table = new MemoryObjectTable();
    private final Map<String, Integer> seen = new TreeMap<>();
    private final List<AssertionError> failures = new ArrayList<>();

    private record Case(long seed, List<String> done, MergedTree merged, SortedMap<String, GitFile> files) {}

    @Test
    void crissCrossHistoriesMergeAsGitMergesThem() throws Exception {
        long seed = Long.getLong("dogear.seed", 1);
        GitOracle git = new GitOracle(repository, table);
        for (int done = 0; done < ROUNDS; done += BATCH) {
            List<Case> cases = new ArrayList<>();
            List<Sides> sides = new ArrayList<>();
            for (int i = done; i < Math.min(ROUNDS, done + BATCH); i++) {
                cases.add(merged(git, seed + i, sides));
            }
            List<@Nullable Answer> answers = git.merge(sides);
            for (int i = 0; i < cases.size(); i++) {
                check(git, cases.get(i), answers.get(i));
            }
        }
        System.out.println("criss-cross merges compared with git from seed " + seed + ": " + seen);
        if (!failures.isEmpty()) {
            AssertionError first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    /** A history, told to git and merged here. */
    private Case merged(GitOracle git, long seed, List<Sides> sides) {
        Random random = new Random(seed);
        RandomHistory history = new RandomHistory(table, random).withoutMoves();
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
        int root = git.commit(base);
        int begun = git.commit(left, root);
        int beside = git.commit(right, root);
        sides.add(new Sides(git.commit(ours, begun, beside), git.commit(theirs, beside, begun)));
        Root bases = TreeMerge.merge(table, baseRoot, leftRoot, rightRoot, options.mergingBases())
                .root()
                .withConflicts(null);
        MergedTree merged = TreeMerge.merge(table, bases, ours.store(table), theirs.store(table), options);
        return new Case(seed, history.done(), merged, git.files(ModelTree.load(table, merged.root())));
    }

    private void check(GitOracle git, Case of, @Nullable Answer answer) {
        try {
            assertNotNull(answer, "git fell over");
            Answer sides = new Answer(answer.conflicts(), withoutBases(answer.files()));
            ByTable table = new ByTable(sides, of.merged, withoutBases(of.files)).withoutDistinctTypes(git);
            assertEquals("", table.disagreement());
            String kind = of.merged.isClean() ? "clean" : "conflict";
            seen.merge(table.differences().isEmpty() ? kind : String.join(", ", table.differences()), 1, Integer::sum);
        } catch (AssertionError e) {
            seen.merge("failed", 1, Integer::sum);
            failures.add(new AssertionError("seed " + of.seed + " " + of.done, e));
        }
    }

    /** What bases that disagree have as theirs is no program's text, and git nests markers in it: only the sides count. */
    private static SortedMap<String, GitFile> withoutBases(SortedMap<String, GitFile> files) {
        SortedMap<String, GitFile> without = new TreeMap<>();
        files.forEach((path, file) -> {
            String sides = BASE.matcher(file.content()).replaceAll("\n");
            String narrowed = HUNK.matcher(sides)
                    .replaceAll(hunk -> Matcher.quoteReplacement(narrowed(hunk.group(1), hunk.group(2))));
            without.put(path, new GitFile(file.mode(), narrowed));
        });
        return without;
    }

    /** A hunk without the lines both sides have at its ends: whether they are in it depends on the base. */
    private static String narrowed(String ours, String theirs) {
        List<String> left = new ArrayList<>(List.of(ours.split("(?<=\n)")));
        List<String> right = new ArrayList<>(List.of(theirs.split("(?<=\n)")));
        StringBuilder before = new StringBuilder();
        while (!left.isEmpty() && !right.isEmpty() && left.get(0).equals(right.get(0))) {
            before.append(left.remove(0));
            right.remove(0);
        }
        StringBuilder after = new StringBuilder();
        while (!left.isEmpty() && !right.isEmpty() && left.get(left.size() - 1).equals(right.get(right.size() - 1))) {
            after.insert(0, left.remove(left.size() - 1));
            right.remove(right.size() - 1);
        }
        String hunk = "<<<<<<<\n" + String.join("", left) + "=======\n" + String.join("", right) + ">>>>>>>\n";
        return before + hunk + after;
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

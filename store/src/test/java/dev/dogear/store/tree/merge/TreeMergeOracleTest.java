package dev.dogear.store.tree.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.merge.GitOracle.Answer;
import dev.dogear.store.tree.merge.GitOracle.GitFile;
import dev.dogear.store.tree.merge.GitOracle.Sides;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories merged by us and by git: the same conflicts or none, the same files with the same modes and bytes, the
 * lines within conflict markers included. Where that is not so, git is told the same history without what it cannot know
 * ({@link RecordedRenames}), and what the table of rules has as a difference is taken out ({@link ByTable}); then it has to
 * be so. Each such difference is counted.
 */
final class TreeMergeOracleTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 60);
    private static final int BATCH = 500;

    @TempDir
    Path repository;

    private final Map<String, Integer> seen = new TreeMap<>();
    private final List<AssertionError> failures = new ArrayList<>();

    private record Case(
            long seed, ObjectTable table, RandomHistory history, ModelTree base, ModelTree ours, ModelTree theirs) {
        static Case of(long seed, ObjectTable table) {
            Random random = new Random(seed);
            RandomHistory history = new RandomHistory(table, random);
            ModelTree base = history.base();
            history.done().add("-- ours");
            ModelTree ours = history.side(base, 1 + random.nextInt(4));
            history.done().add("-- theirs");
            ModelTree theirs = history.side(base, 1 + random.nextInt(4));
            return new Case(seed, table, history, base, ours, theirs);
        }
    }

    @Test
    void randomHistoriesMergeAsGitMergesThem() throws Exception {
        long seed = Long.getLong("dogear.seed", 1);
        ObjectTable table = new MemoryObjectTable();
        GitOracle git = new GitOracle(repository, table);
        for (int done = 0; done < ROUNDS; done += BATCH) {
            List<Case> cases = new ArrayList<>();
            List<Sides> sides = new ArrayList<>();
            for (int i = done; i < Math.min(ROUNDS, done + BATCH); i++) {
                Case each = Case.of(seed + i, table);
                cases.add(each);
                sides.add(git.sides(each.base, each.ours, each.theirs));
            }
            List<@Nullable Answer> answers = git.merge(sides);
            for (int i = 0; i < cases.size(); i++) {
                check(git, cases.get(i), answers.get(i));
            }
        }
        System.out.println("merges compared with git from seed " + seed + ": " + seen);
        if (!failures.isEmpty()) {
            AssertionError first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private void check(GitOracle git, Case of, @Nullable Answer answer) throws Exception {
        try {
            seen.merge(compare(git, of, answer), 1, Integer::sum);
        } catch (RuntimeException | AssertionError e) {
            seen.merge("failed", 1, Integer::sum);
            failures.add(new AssertionError("seed " + of.seed + " " + of.history.done(), e));
        }
    }

    private String compare(GitOracle git, Case of, @Nullable Answer answer) throws Exception {
        Root baseRoot = of.base.store(of.table);
        Root oursRoot = of.ours.store(of.table);
        Root theirsRoot = of.theirs.store(of.table);
        MergeOptions options = new MergeOptions(new Timestamp(99, 0), "ours", "theirs", of.history::newFileId);
        MergedTree merged = TreeMerge.merge(of.table, baseRoot, oursRoot, theirsRoot, options);
        MergedTree swapped = TreeMerge.merge(of.table, baseRoot, theirsRoot, oursRoot, options);
        ModelTree result = ModelTree.load(of.table, merged.root());
        checkTree(of.table, result, merged.root());
        assertEquals(merged.isClean(), swapped.isClean(), () -> merged.conflicts() + " swapped " + swapped.conflicts());
        SortedMap<String, GitFile> files = git.files(result);
        if (merged.isClean()) {
            assertEquals(files, git.files(ModelTree.load(of.table, swapped.root())), "swapped");
        }
        if (answer != null && new ByTable(answer, merged, files).disagreement().isEmpty()) {
            return merged.isClean() ? "clean" : "conflict";
        }
        return compareByTable(git, of, answer, merged, files);
    }

    private static String compareByTable(
            GitOracle git, Case of, @Nullable Answer answer, MergedTree merged, SortedMap<String, GitFile> files)
            throws Exception {
        String disagreement = "git fell over";
        if (answer != null) {
            ByTable plain = new ByTable(answer, merged, files)
                    .withoutFilesInTheWay(of.base, of.ours, of.theirs)
                    .withoutThirds(git)
                    .withoutDistinctTypes(git)
                    .withoutRenamedAndRetyped(git, TreePath::toString);
            disagreement = plain.disagreement();
            if (disagreement.isEmpty()) {
                return String.join(", ", plain.differences());
            }
        }
        RecordedRenames renames = new RecordedRenames(of.base, of.ours, of.theirs);
        ModelTree base = renames.neutral(of.base);
        ModelTree ours = renames.neutral(of.ours);
        ModelTree theirs = renames.neutral(of.theirs);
        @Nullable Answer told = git.mergeWithoutDirectoryRenames(git.sides(base, ours, theirs));
        assertNotNull(told, () -> "git fell over");
        ByTable table = new ByTable(told, merged, files)
                .withoutFilesInTheWay(base, ours, theirs)
                .placed(renames)
                .withoutThirds(git)
                .withoutDistinctTypes(git)
                .withoutRenamedAndRetyped(git, renames::ofBase)
                .withoutDirectories(git, renames, List.of(of.ours, of.theirs))
                .withoutEmptied(renames);
        String why = disagreement;
        assertEquals("", table.disagreement(), () -> "git's own: " + why);
        assertFalse(renames.isUndecided() && merged.isClean(), "git's own merge has both places");
        if (answer != null && answer.conflicts().isEmpty()) {
            assertCause(git, of, merged);
        }
        return String.join(", ", table.differences());
    }

    /**
     * A directory renamed and deleted is a conflict by the table. Git, which knows files only, may be clean for one reason: it
     * saw none of its files renamed, since what is in it now is too little like what was.
     */
    private static void assertCause(GitOracle git, Case of, MergedTree merged) throws Exception {
        for (Conflict conflict : merged.conflicts()) {
            Conflict.@Nullable Version began = conflict.base();
            if (began == null
                    || !conflict.kinds().equals(Set.of(Conflict.Kind.RENAME_DELETE))
                    || !Side.isDirectory(Objects.requireNonNull(began.entry()))) {
                continue;
            }
            String old = began.path() + "/";
            ModelTree renamer = conflict.ours() != null ? of.ours : of.theirs;
            List<String> seen = git.renames(of.base, renamer).keySet().stream()
                    .filter(path -> path.startsWith(old))
                    .toList();
            assertEquals(List.of(), seen, () -> "git is clean, and knew of the rename: " + conflict);
        }
    }

    /** What holds for every result: each file id once, every directory as long as its size says. */
    private static void checkTree(ObjectTable table, ModelTree result, Root root) {
        Set<Integer> fileIds = new HashSet<>();
        result.entries().forEach((path, entry) -> {
            assertTrue(fileIds.add(entry.fileId()), () -> "twice: file id " + entry.fileId() + " at " + path);
            assertFalse(entry.type() == EntryType.LINKED);
        });
        assertEquals(result.store(table), root.withConflicts(null), "sizes of directories");
    }
}

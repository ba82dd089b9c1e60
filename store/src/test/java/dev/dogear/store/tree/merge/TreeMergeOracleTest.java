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
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories merged by us and by git. Where git is clean we are, with the same files; where git has a conflict we
 * have one. What is different, each checked to be what it is said to be: files follow a directory whose rename was
 * recorded (git only suggests it, or leaves those in new directories behind); what one side did to a file while the other
 * renamed the directory above is no conflict; and git's {@link #IN_THE_WAY}.
 */
final class TreeMergeOracleTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 60);

    /**
     * Conflicts of git's that need none, since we know the rename: a directory was renamed on one side while the other put
     * something into it. Git only suggests that it should follow.
     */
    private static final List<String> SUGGESTED =
            List.of("CONFLICT (directory rename suggested)", "CONFLICT (file in way of directory rename)");

    /** Git moves a file aside for a directory that replaced it, even when the other side left the file alone. */
    private static final Pattern IN_THE_WAY = Pattern.compile(
            "CONFLICT \\(file/directory\\) .*directory in the way of (.*) from (ours|theirs); moving .*");

    /** A directory was renamed on one side, a file in it deleted or renamed on the other: that is clean if we know it. */
    private static final Pattern RENAMED =
            Pattern.compile("CONFLICT \\(rename/(rename|delete)\\) .*: (\\S+) renamed to .*");

    private static final Pattern MODIFY_DELETE = Pattern.compile(
            "CONFLICT \\(modify/delete\\) .*: (\\S+) deleted in \\S+ and modified in (ours|theirs)\\..*");

    @TempDir
    Path repository;

    @Test
    void randomHistoriesMergeAsGitMergesThem() throws Exception {
        long seed = Long.getLong("dogear.seed", 1);
        List<AssertionError> failures = new ArrayList<>();
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
                AssertionError failure = new AssertionError(what, e);
                failures.add(failure);
                seen.merge("failed", 1, Integer::sum);
            }
        }
        System.out.println("merges compared with git from seed " + seed + ": " + seen);
        if (!failures.isEmpty()) {
            AssertionError first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private static String compare(
            GitOracle git, ObjectTable table, ModelTree base, ModelTree ours, ModelTree theirs, RandomHistory history)
            throws Exception {
        GitOracle.@Nullable Answer answer = git.merge(base, ours, theirs);
        Root baseRoot = base.store(table);
        Root oursRoot = ours.store(table);
        Root theirsRoot = theirs.store(table);
        MergeOptions options = new MergeOptions(new Timestamp(99, 0), "ours", "theirs", history::newFileId);
        MergedTree merged = TreeMerge.merge(table, baseRoot, oursRoot, theirsRoot, options);
        MergedTree swapped = TreeMerge.merge(table, baseRoot, theirsRoot, oursRoot, options);
        ModelTree result = ModelTree.load(table, merged.root());
        checkTree(table, result, merged.root());
        assertEquals(merged.isClean(), swapped.isClean(), () -> merged.conflicts() + " swapped " + swapped.conflicts());
        if (answer == null) {
            return "git fell over";
        }
        if (answer.conflicts().isEmpty()) {
            if (merged.conflicts().stream().anyMatch(conflict -> followedInto(conflict, base, ours, theirs))) {
                return "followed";
            }
            if (merged.conflicts().stream().anyMatch(conflict -> replacedInRenamed(conflict, base, ours, theirs))) {
                return "replaced in a renamed directory";
            }
            if (merged.conflicts().stream().anyMatch(TreeMergeOracleTest::isOfDirectories)) {
                return "directories moved into each other";
            }
            assertEquals(List.of(), merged.conflicts(), "git is clean");
            SortedMap<String, String> files = git.files(result);
            if (!files.equals(answer.files()) && isWithoutGuessedDirectories(git, files)) {
                return "clean but for a guessed directory";
            }
            assertFiles(answer.files(), files, base, List.of(ours, theirs));
            assertEquals(files, git.files(ModelTree.load(table, swapped.root())), "swapped");
            return files.equals(answer.files()) ? "clean" : "followed";
        }
        if (merged.isClean()) {
            // It guesses from the files that a directory was renamed; here that is known.
            if (isWithoutGuessedDirectories(git, git.files(result))) {
                return "clean but for a guessed directory";
            }
            for (String conflict : answer.conflicts()) {
                assertTrue(isSolved(conflict, base, ours, theirs), () -> "git has a conflict: " + conflict);
            }
            return "solved";
        }
        return "conflict";
    }

    private static boolean isWithoutGuessedDirectories(GitOracle git, SortedMap<String, String> files)
            throws Exception {
        GitOracle.@Nullable Answer known = git.mergeWithoutDirectoryRenames();
        return known != null && known.conflicts().isEmpty() && known.files().equals(files);
    }

    private static boolean isSolved(String conflict, ModelTree base, ModelTree ours, ModelTree theirs) {
        Matcher inTheWay = IN_THE_WAY.matcher(conflict);
        if (inTheWay.matches()) {
            TreePath path = TreePath.parse(inTheWay.group(1));
            ModelTree side = inTheWay.group(2).equals("ours") ? ours : theirs;
            @Nullable TreeEntry before = base.entries().get(path);
            @Nullable TreeEntry after = side.entries().get(path);
            return before != null && after != null && before.sameState(after);
        }
        Matcher renamed = RENAMED.matcher(conflict);
        if (renamed.matches()) {
            TreePath path = TreePath.parse(renamed.group(2));
            return cameWithItsDirectory(base, ours, path) || cameWithItsDirectory(base, theirs, path);
        }
        Matcher deleted = MODIFY_DELETE.matcher(conflict);
        if (deleted.matches()) {
            ModelTree side = deleted.group(2).equals("ours") ? ours : theirs;
            @Nullable TreeEntry entry = side.entries().get(TreePath.parse(deleted.group(1)));
            @Nullable TreePath path = entry == null ? null : pathOf(base, entry.fileId());
            return path != null && cameWithItsDirectory(base, side, path);
        }
        return SUGGESTED.stream().anyMatch(conflict::startsWith);
    }

    /** Whether a side renamed a directory above the file, but not the file itself. */
    private static boolean cameWithItsDirectory(ModelTree base, ModelTree side, TreePath path) {
        int fileId = base.get(path.toString()).fileId();
        @Nullable TreePath now = pathOf(side, fileId);
        if (now == null) {
            // Another file has its place there; to git that is a new one, to us what the side made of it.
            @Nullable
            TreePath directory = pathOf(side, base.get(path.parent().toString()).fileId());
            return directory != null
                    && !directory.equals(path.parent())
                    && side.entries().containsKey(directory.child(path.name()));
        }
        return !path.equals(now)
                && now.name().equals(path.name())
                && base.get(path.parent().toString()).fileId()
                        == side.get(now.parent().toString()).fileId();
    }

    private static @Nullable TreePath pathOf(ModelTree tree, int fileId) {
        for (Map.Entry<TreePath, TreeEntry> each : tree.entries().entrySet()) {
            if (each.getValue().fileId() == fileId) {
                return each.getKey();
            }
        }
        return null;
    }

    /** The same files, but that those in a directory which a side renamed may have followed it. */
    private static void assertFiles(
            SortedMap<String, String> git, SortedMap<String, String> merged, ModelTree base, List<ModelTree> sides) {
        assertEquals(
                git.values().stream().sorted().toList(),
                merged.values().stream().sorted().toList(),
                () -> "git: " + git + " ours: " + merged);
        for (Map.Entry<String, String> file : git.entrySet()) {
            if (!file.getValue().equals(merged.get(file.getKey()))) {
                assertTrue(
                        sides.stream().anyMatch(side -> isBelowRenamed(base, side, TreePath.parse(file.getKey()))),
                        () -> file + " is not where git has it: " + merged);
            }
        }
    }

    /** Git moves files only, so it has no difficulty with directories that were moved into each other. */
    private static boolean isOfDirectories(Conflict conflict) {
        return conflict.kinds().contains(Conflict.Kind.RENAME_RENAME)
                && conflict.base() != null
                && conflict.ours() != null
                && Objects.requireNonNull(conflict.base().entry()).type() == EntryType.DIRECTORY
                && conflict.base().path().equals(conflict.ours().path());
    }

    /** Whether a file met another because it followed a renamed directory. */
    private static boolean followedInto(Conflict conflict, ModelTree base, ModelTree ours, ModelTree theirs) {
        boolean met = conflict.kinds().contains(Conflict.Kind.ADD_ADD)
                || conflict.kinds().contains(Conflict.Kind.FILE_DIRECTORY);
        return met
                && conflict.ours() != null
                && conflict.theirs() != null
                && (isBelowRenamed(base, theirs, conflict.ours().path())
                        || isBelowRenamed(base, ours, conflict.theirs().path()));
    }

    /** One side deleted a file, the other has another one in its place in a renamed directory: to git that is new. */
    private static boolean replacedInRenamed(Conflict conflict, ModelTree base, ModelTree ours, ModelTree theirs) {
        Conflict.@Nullable Version began = conflict.base();
        Conflict.@Nullable Version left = conflict.ours() != null ? conflict.ours() : conflict.theirs();
        return conflict.kinds().contains(Conflict.Kind.MODIFY_DELETE)
                && began != null
                && left != null
                && Objects.requireNonNull(began.entry()).fileId()
                        != Objects.requireNonNull(left.entry()).fileId()
                && cameWithItsDirectory(base, conflict.ours() != null ? ours : theirs, began.path());
    }

    private static boolean isBelowRenamed(ModelTree base, ModelTree side, TreePath path) {
        for (TreePath above = path.parent(); !above.isRoot(); above = above.parent()) {
            @Nullable TreeEntry directory = base.entries().get(above);
            @Nullable TreePath now = directory == null ? null : pathOf(side, directory.fileId());
            if (now != null && !now.equals(above)) {
                return true;
            }
        }
        return false;
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

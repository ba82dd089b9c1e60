package dev.dogear.store.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Differences of two trees: complete, with renames as recorded, at the cost of what changed. */
final class TreeDiffTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 150);

    private final ObjectTable table = new MemoryObjectTable();

    @Test
    void equalTreesHaveNoChanges() {
        Root root = sample().store(table);
        assertEquals(List.of(), TreeDiff.between(table, root, root));
        ModelTree touched = sample();
        touched.put(
                "d/x",
                touched.get("d/x")
                        .withFileId(77)
                        .withAttributes(
                                Attributes.NONE.withMode(0644).withTimes(new Timestamp(9, 9), new Timestamp(9, 9))));
        assertEquals(List.of(), TreeDiff.between(table, root, touched.store(table)), "times and file ids do not count");
    }

    @Test
    void aRenamedDirectoryIsOneChange() {
        ModelTree after = sample().move("d", "e");
        assertChanges(after, "RENAMED d -> e");
        after.file(table, "e/x", 4, "other").directory("new", 50).move("e", "new/e");
        assertChanges(after, "ADDED new", "RENAMED d -> new/e", "RENAMED d/x -> new/e/x");
        after.remove("new/e/sub").file(table, "new/e/more", 51, "more");
        assertChanges(
                after,
                "DELETED d/sub",
                "DELETED d/sub/y",
                "ADDED new",
                "RENAMED d -> new/e",
                "ADDED new/e/more",
                "RENAMED d/x -> new/e/x");
    }

    @Test
    void whatLeavesADeletedDirectoryWasRenamed() {
        assertChanges(
                sample().move("d/sub/y", "y").remove("d"),
                "DELETED d",
                "DELETED d/sub",
                "DELETED d/x",
                "RENAMED d/sub/y -> y");
    }

    @Test
    void anEditorsNewFileIsAModifiedPath() {
        ModelTree after = sample().move("a", "a~").file(table, "a", 60, "edited");
        assertChanges(after, "MODIFIED a", "ADDED a~");
    }

    @Test
    void aDirectoryMovedOutOfTheWayWasRenamed() {
        ModelTree after = sample().move("d", "d.old").directory("d", 80).file(table, "d/x", 81, "other");
        assertChanges(after, "ADDED d", "ADDED d/x", "RENAMED d -> d.old");
        assertChanges(sample().directory("e", 82)
                .move("d/x", "e/x")
                .move("d/sub", "e/sub")
                .remove("d")
                .move("e", "d"));
    }

    @Test
    void aFileThatBecameADirectoryIsModified() {
        assertChanges(sample().directory("a", 70).file(table, "a/in", 71, "in"), "MODIFIED a", "ADDED a/in");
        assertChanges(sample().move("a", "b").directory("a", 70), "ADDED a", "RENAMED a -> b");
    }

    @Test
    void attributesAreChanges() {
        ModelTree after = sample();
        after.put("a", after.get("a").withAttributes(Attributes.NONE.withMode(0755)));
        after.put("d", after.get("d").withAttributes(Attributes.NONE.withMode(0700)));
        assertChanges(after, "MODIFIED a", "MODIFIED d");
    }

    @Test
    void linkedFilesChangeAtEachPath() {
        ModelTree before = sample();
        before.put("hard", before.get("d/x")).put("third", before.get("d/x"));
        ModelTree after = before.copy();
        TreeEntry edited = ModelTree.content(table, before.get("d/x"), "edited");
        after.put("d/x", edited).put("hard", edited).put("third", edited);
        assertChanges(before, after, "MODIFIED d/x", "MODIFIED hard", "MODIFIED third");
        assertChanges(
                before,
                after.copy().move("d", "e"),
                "RENAMED d -> e",
                "RENAMED d/x -> e/x",
                "MODIFIED hard",
                "MODIFIED third");
        assertChanges(before, after.copy().remove("hard"), "MODIFIED d/x", "DELETED hard", "MODIFIED third");
        assertChanges(before, before.copy().remove("hard"), "DELETED hard");
        assertChanges(before, before.copy().remove("hard").remove("third"), "DELETED hard", "DELETED third");
    }

    @Test
    void theRecordOfAFileWithManyNamesIsReadOnce() {
        ModelTree after = sample();
        for (int i = 0; i < 500; i++) {
            after.put("name" + i, after.get("d/x"));
        }
        Root before = sample().store(table);
        Root linked = after.store(table);
        CountingTable counting = new CountingTable(table);
        assertEquals(500, TreeDiff.between(counting, before, linked).size());
        assertTrue(counting.reads.get() < 200, counting.reads + " reads");
    }

    private ModelTree sample() {
        return new ModelTree()
                .file(table, "a", 2, "a")
                .directory("d", 3)
                .file(table, "d/x", 4, "x")
                .directory("d/sub", 5)
                .file(table, "d/sub/y", 6, "y");
    }

    private void assertChanges(ModelTree after, String... expected) {
        assertChanges(sample(), after, expected);
    }

    private void assertChanges(ModelTree before, ModelTree after, String... expected) {
        List<String> changes = new ArrayList<>();
        for (PathChange change : TreeDiff.between(table, before.store(table), after.store(table))) {
            String from = change.status() == PathChange.Status.RENAMED ? change.oldPath() + " -> " : "";
            changes.add(change.status() + " " + from + change.path());
        }
        assertEquals(List.of(expected), changes);
        checkAgainst(before, after);
    }

    @Test
    void aLargeDirectoryIsComparedAtTheCostOfTheChange() {
        SortedMap<Name, Optional<TreeEntry>> entries = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            entries.put(Name.of("f" + i), Optional.of(TreeEntry.symlink(i + 100, Attributes.NONE, new byte[] {1})));
        }
        @Nullable ContentRef tree = Trees.edit(table, null, entries);
        @Nullable
        ContentRef edited = Trees.edit(
                table,
                tree,
                ImmutableSortedMap.of(
                        Name.of("f77"),
                        Optional.empty(),
                        Name.of("g"),
                        Optional.of(TreeEntry.symlink(3, Attributes.NONE, new byte[] {2}))));
        CountingTable counting = new CountingTable(table);
        List<Name> names = new ArrayList<>();
        TreeDiff.entries(counting, tree, edited, (name, before, after) -> names.add(name));
        assertEquals(Set.of(Name.of("f77"), Name.of("g")), Set.copyOf(names));
        assertTrue(counting.reads.get() <= 24, counting.reads + " reads");

        TreeEntry big = TreeEntry.directory(5, Attributes.NONE, 100_000, tree);
        Root before = root(ImmutableSortedMap.of(Name.of("big"), Optional.of(big)));
        TreeEntry above = Trees.editDirectory(
                table,
                TreeEntry.directory(6, Attributes.NONE, 0, null),
                ImmutableSortedMap.of(Name.of("moved"), Optional.of(big.withContent(100_000, edited))));
        Root after = root(ImmutableSortedMap.of(Name.of("new"), Optional.of(above)));
        counting.reads.set(0);
        List<PathChange> changes = TreeDiff.between(counting, before, after);
        assertEquals(4, changes.size(), changes.toString());
        assertTrue(counting.reads.get() <= 30, counting.reads + " reads");
    }

    private Root root(SortedMap<Name, Optional<TreeEntry>> entries) {
        return new Root(Trees.editDirectory(table, Roots.EMPTY.directory(), entries), null, null);
    }

    @Test
    void randomChangesAreAllFound() {
        long seed = Long.getLong("dogear.seed", 5);
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(seed + round);
            try {
                RandomEdits edits = new RandomEdits(table, random, 2);
                ModelTree before = new ModelTree();
                edits.apply(before, 5 + random.nextInt(60));
                ModelTree after = before.copy();
                edits.apply(after, random.nextInt(20));
                checkAgainst(before, after);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + round), e);
            }
        }
    }

    /** Every path of both trees is accounted for exactly once: by a change, or by being the same at its place. */
    private void checkAgainst(ModelTree before, ModelTree after) {
        List<PathChange> changes = TreeDiff.between(table, before.store(table), after.store(table));
        Map<TreePath, PathChange> byPath = new HashMap<>();
        Set<TreePath> oldPaths = new HashSet<>();
        Map<TreePath, TreePath> moved = new HashMap<>();
        for (PathChange change : changes) {
            if (change.before() != null) {
                TreePath oldPath = Objects.requireNonNull(change.oldPath());
                assertTrue(oldPaths.add(oldPath), "twice from " + oldPath);
                assertSame(before, oldPath, change.before());
            }
            if (change.after() != null) {
                assertEquals(null, byPath.put(change.path(), change), "twice to " + change.path());
                assertSame(after, change.path(), change.after());
                if (change.before() != null) {
                    moved.put(change.path(), Objects.requireNonNull(change.oldPath()));
                }
            }
        }
        for (TreePath path : after.entries().keySet()) {
            if (!byPath.containsKey(path)) {
                TreePath oldPath = oldPath(path, moved);
                assertTrue(oldPaths.add(oldPath), "twice from " + oldPath);
                TreeEntry old = Objects.requireNonNull(before.entries().get(oldPath), () -> "nothing at " + oldPath);
                assertTrue(old.sameState(Objects.requireNonNull(after.entries().get(path))), "unlisted " + path);
            }
        }
        assertEquals(before.entries().keySet(), oldPaths);
    }

    private static TreePath oldPath(TreePath path, Map<TreePath, TreePath> moved) {
        if (path.isRoot()) {
            return path;
        }
        @Nullable TreePath known = moved.get(path);
        return known != null ? known : oldPath(path.parent(), moved).child(path.name());
    }

    private static void assertSame(ModelTree tree, TreePath path, TreeEntry entry) {
        TreeEntry expected = Objects.requireNonNull(tree.entries().get(path), () -> "nothing at " + path);
        TreeEntry bare = entry.type() == EntryType.DIRECTORY ? entry.withContent(0, null) : entry;
        assertEquals(expected, bare);
    }
}

package dev.dogear.store.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.unversioned.IgnoreRules;
import dev.dogear.store.tree.unversioned.VersionedTree;
import dev.dogear.store.tree.unversioned.WholeTree;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The versioned part of whole trees and the way back, by hand and against a model that looks at every path. */
final class UnversionedTest {
    private static final IgnoreRules RULES = IgnoreRules.of("*.o\n/build\n*~\ncache/\n!keep.o\n".getBytes(UTF_8));

    private final ObjectTable table = new MemoryObjectTable();
    private int nextId = 1_000_000;

    @Test
    void whatARuleNamesIsLeftOut() {
        ModelTree tree = new ModelTree()
                .file(table, "a.c", 10, "a")
                .file(table, "a.o", 11, "o")
                .file(table, "keep.o", 12, "k")
                .directory("build", 13)
                .file(table, "build/x", 14, "x")
                .directory("sub", 15)
                .directory("sub/build", 16)
                .file(table, "sub/build/y.o", 17, "y");
        Root versioned = VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, tree.store(table), RULES);
        assertEquals(List.of("a.c", "keep.o", "sub", "sub/build"), paths(versioned));
    }

    @Test
    void whatWasVersionedIsUntilItIsRemoved() {
        ModelTree tree = new ModelTree().file(table, "a.o", 10, "1");
        Root first = tree.store(table);
        tree.file(table, "a.o", 11, "replaced").file(table, "b.o", 12, "new");
        Root second = tree.store(table);
        Root versioned = VersionedTree.of(table, first, first, second, RULES);
        assertEquals(List.of("a.o"), paths(versioned));
        tree.remove("a.o");
        Root third = tree.store(table);
        versioned = VersionedTree.of(table, second, versioned, third, RULES);
        assertEquals(List.of(), paths(versioned));
        tree.file(table, "a.o", 13, "again");
        assertEquals(List.of(), paths(VersionedTree.of(table, third, versioned, tree.store(table), RULES)));
    }

    @Test
    void aBackupKeepsItsContentWhenTheFileComesBack() {
        ModelTree tree = new ModelTree().file(table, "text", 10, "old");
        Root first = tree.store(table);
        tree.move("text", "text~").file(table, "text", 11, "new");
        Root whole = tree.store(table);
        Root versioned = VersionedTree.of(table, first, first, whole, RULES);
        assertEquals(List.of("text"), paths(versioned));
        Root back = WholeTree.of(table, whole, versioned, first, this::freshId);
        ModelTree shown = ModelTree.load(table, back);
        assertEquals(List.of("text", "text~"), paths(back));
        assertEquals(10, shown.get("text").fileId());
        assertNotEquals(10, shown.get("text~").fileId());
        assertTrue(shown.get("text~").sameContent(shown.get("text")));
    }

    @Test
    void directoriesLiveOnWithWhatIsNotVersioned() {
        ModelTree tree = new ModelTree().directory("d", 10).file(table, "d/a", 11, "a");
        Root first = tree.store(table);
        tree.file(table, "d/a.o", 12, "o");
        Root whole = tree.store(table);
        Root versioned = VersionedTree.of(table, first, first, whole, RULES);
        Root gone = WholeTree.of(table, whole, versioned, Roots.EMPTY, this::freshId);
        assertEquals(List.of("d", "d/a.o"), paths(gone));
        Root moved =
                new ModelTree().directory("e", 10).file(table, "e/a", 11, "b").store(table);
        assertEquals(List.of("e", "e/a", "e/a.o"), paths(WholeTree.of(table, whole, versioned, moved, this::freshId)));
        Root again = WholeTree.of(table, gone, Roots.EMPTY, first, this::freshId);
        assertEquals(List.of("d", "d/a", "d/a.o"), paths(again));
    }

    @Test
    void nothingUnversionedIsOverwritten() {
        Root first = new ModelTree().file(table, "build", 10, "a file").store(table);
        Root whole = new ModelTree()
                .directory("build", 11)
                .file(table, "build/x", 12, "x")
                .store(table);
        Root versioned = VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, whole, RULES);
        assertNull(versioned.directory().content());
        assertThrows(StoreException.class, () -> WholeTree.of(table, whole, versioned, first, this::freshId));
    }

    @Test
    void rulesThatChangeAreAppliedToAll() {
        ModelTree tree = new ModelTree().directory("build", 10).file(table, "build/x", 11, "x");
        Root whole = tree.store(table);
        Root versioned = VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, whole, RULES);
        assertEquals(List.of(), paths(versioned));
        Root all = VersionedTree.of(table, versioned, versioned, whole, IgnoreRules.NONE);
        assertEquals(List.of("build", "build/x"), paths(all));
    }

    /** As git reads its own files: the nearest one counts, and nothing below what is left out can be named back. */
    @Test
    void rulesOfAFolderComeBeforeThoseAbove() {
        ModelTree tree = new ModelTree()
                .file(table, ".dogearignore", 2, "*.log\n/top\nout/\n")
                .file(table, "a.log", 3, "x")
                .file(table, "top", 4, "x")
                .directory("sub", 5)
                .file(table, "sub/.dogearignore", 6, "!keep.log\n/local\n*.tmp\n!a.o\n")
                .file(table, "sub/keep.log", 7, "x")
                .file(table, "sub/b.log", 8, "x")
                .file(table, "sub/top", 9, "x")
                .file(table, "sub/local", 10, "x")
                .file(table, "sub/a.o", 11, "named back against the repository's own rules")
                .file(table, "sub/b.o", 12, "x")
                .directory("sub/deep", 13)
                .file(table, "sub/deep/local", 14, "x")
                .file(table, "sub/deep/c.tmp", 15, "x")
                .file(table, "c.tmp", 16, "x")
                .directory("out", 17)
                .file(table, "out/.dogearignore", 18, "!*\n")
                .file(table, "out/x", 19, "x");
        assertEquals(
                List.of(
                        ".dogearignore",
                        "c.tmp",
                        "sub",
                        "sub/.dogearignore",
                        "sub/a.o",
                        "sub/deep",
                        "sub/deep/local",
                        "sub/keep.log",
                        "sub/top"),
                paths(VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, tree.store(table), RULES)));
    }

    @Test
    void editedRulesOfAFolderAreAppliedToAllInIt() {
        ModelTree tree = new ModelTree()
                .file(table, "a.tmp", 2, "x")
                .directory("sub", 3)
                .file(table, "sub/.dogearignore", 4, "*.tmp\n")
                .directory("sub/deep", 5)
                .file(table, "sub/deep/a.tmp", 6, "x")
                .directory("other", 7)
                .file(table, "other/.dogearignore", 8, "*.tmp\n")
                .file(table, "other/a.tmp", 9, "x");
        Root first = tree.store(table);
        Root part = VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, first, IgnoreRules.NONE);
        assertEquals(
                List.of("a.tmp", "other", "other/.dogearignore", "sub", "sub/.dogearignore", "sub/deep"), paths(part));
        tree.file(table, "sub/.dogearignore", 4, "nothing\n");
        Root second = tree.store(table);
        part = VersionedTree.of(table, first, part, second, IgnoreRules.NONE);
        assertTrue(paths(part).contains("sub/deep/a.tmp"));
        assertTrue(!paths(part).contains("other/a.tmp"));
        tree.remove("other/.dogearignore");
        part = VersionedTree.of(table, second, part, tree.store(table), IgnoreRules.NONE);
        assertTrue(paths(part).contains("other/a.tmp"));
    }

    /** Rules in a folder, edits elsewhere: nothing of the size of a tree is read, moved directories included. */
    @Test
    void withoutRulesCostFollowsTheEdits() {
        ModelTree tree =
                new ModelTree().directory("many", 9).directory("src", 8).file(table, "src/a", 7, "a");
        for (int i = 0; i < 20_000; i++) {
            tree.file(table, "many/" + i, 100_000 + i, "x");
        }
        Root first = tree.store(table);
        Root second = tree.file(table, "src/b", 6, "b").move("many", "moved").store(table);
        CountingTable counting = new CountingTable(table);
        assertEquals(second, VersionedTree.of(counting, first, first, second, IgnoreRules.NONE));
        assertTrue(counting.reads.get() < 100, counting.reads.get() + " objects read");
        tree.file(table, "src/.dogearignore", 5, "*.o\n").file(table, "src/c.o", 4, "o");
        Root third = tree.store(table);
        Root part = VersionedTree.of(counting, second, second, third, IgnoreRules.NONE);
        assertTrue(!paths(part).contains("src/c.o"));
        assertTrue(counting.reads.get() < 200, counting.reads.get() + " objects read");
    }

    /** What is left out is not looked into, however large it is. */
    @Test
    void costFollowsTheEdits() {
        ModelTree tree =
                new ModelTree().directory("build", 9).directory("src", 8).file(table, "src/a", 7, "a");
        for (int i = 0; i < 20_000; i++) {
            tree.file(table, "build/" + i, 100_000 + i, "x");
        }
        Root first = tree.store(table);
        Root part = VersionedTree.of(table, Roots.EMPTY, Roots.EMPTY, first, RULES);
        tree.file(table, "src/b", 6, "b").file(table, "build/1", 100_001, "y");
        Root second = tree.store(table);
        CountingTable counting = new CountingTable(table);
        Root next = VersionedTree.of(counting, first, part, second, RULES);
        assertEquals(List.of("src", "src/a", "src/b"), paths(next));
        Root back = WholeTree.of(counting, second, next, part, this::freshId);
        assertEquals(20_000 + 3, paths(back).size());
        assertTrue(counting.reads.get() < 100, counting.reads.get() + " objects read");
    }

    /** A model that knows for each path whether it is versioned. Directories are in what is versioned if no rule names them. */
    @Test
    void randomEditsAgreeWithTheModel() {
        long seed = Long.getLong("dogear.seed", new Random().nextLong());
        int rounds = Integer.getInteger("dogear.rounds", 300);
        for (int round = 0; round < rounds; round++) {
            try {
                round(new Random(seed + round));
            } catch (StoreException e) {
                assertEquals(StoreException.Kind.STALE, e.kind(), "seed " + (seed + round));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + round) + ": " + e, e);
            }
        }
    }

    private void round(Random random) {
        RandomEdits edits = new RandomEdits(table, random, 10);
        ModelTree model = new ModelTree();
        Root whole = Roots.EMPTY;
        Root versioned = Roots.EMPTY;
        List<Root> history = new ArrayList<>(List.of(versioned));
        for (int step = 0; step < 12; step++) {
            edits.apply(model, 1 + random.nextInt(8));
            if (random.nextBoolean()) {
                ignoredNames(model, random);
            }
            Root next = model.store(table);
            Root part = VersionedTree.of(table, whole, versioned, next, RULES);
            checkPart(next, part, versioned);
            whole = next;
            versioned = part;
            history.add(part);
            if (random.nextInt(3) == 0) {
                Root target = history.get(random.nextInt(history.size()));
                Root back = WholeTree.of(table, whole, versioned, target, this::freshId);
                checkBack(whole, versioned, target, back);
                whole = back;
                versioned = target;
                model = ModelTree.load(table, back);
            }
        }
    }

    /** Gives some files and directories names that a rule names. */
    private void ignoredNames(ModelTree model, Random random) {
        List<TreePath> files = model.paths(false);
        if (!files.isEmpty()) {
            TreePath file = files.get(random.nextInt(files.size()));
            String to = file + (random.nextBoolean() ? ".o" : "~");
            if (!model.entries().containsKey(TreePath.parse(to))) {
                if (random.nextBoolean()) {
                    model.move(file.toString(), to);
                } else {
                    model.file(table, to, freshId(), "x" + random.nextInt(10));
                }
            }
        }
        if (random.nextInt(3) == 0) {
            TreePath folder =
                    model.paths(true).get(random.nextInt(model.paths(true).size()));
            String rules = folder.isRoot() ? ".dogearignore" : folder + "/.dogearignore";
            // It says nothing new of any name, so that the model stays as simple as it is.
            model.file(
                    table,
                    rules,
                    freshId(),
                    List.of("*.o\n!keep.o\n", "*~\n", "").get(random.nextInt(3)));
        }
        if (!model.entries().containsKey(TreePath.parse("build")) && random.nextInt(4) == 0) {
            model.directory("build", freshId()).file(table, "build/x", freshId(), "x");
        }
    }

    private void checkPart(Root whole, Root part, Root before) {
        Map<TreePath, TreeEntry> all = ModelTree.load(table, whole).entries();
        Map<TreePath, TreeEntry> kept = ModelTree.load(table, part).entries();
        Set<TreePath> were = ModelTree.load(table, before).entries().keySet();
        all.forEach((path, entry) -> {
            if (path.isRoot()) {
                return;
            }
            boolean named = isNamed(path);
            if (!named && entry.type() != EntryType.DIRECTORY) {
                assertTrue(kept.containsKey(path), path + " is versioned");
            }
            if (named && !were.contains(path)) {
                boolean movedAlong = kept.containsKey(path) && !ownName(path);
                assertTrue(!kept.containsKey(path) || movedAlong || belowMoved(path), path + " is not versioned");
            }
        });
        kept.forEach((path, entry) -> {
            TreeEntry now = all.get(path);
            assertTrue(now != null, path + " is there");
            if (entry.type() != EntryType.DIRECTORY) {
                assertTrue(now != null && entry.sameState(now), path + " is the same");
            }
        });
        checkRoot("versioned part", part);
    }

    /** A directory takes what is versioned in it along, wherever it goes. */
    private static boolean belowMoved(TreePath path) {
        return path.names().size() > 1;
    }

    private static boolean ownName(TreePath path) {
        String name = path.name().toString();
        return (name.endsWith(".o") && !name.equals("keep.o")) || name.endsWith("~");
    }

    private static boolean isNamed(TreePath path) {
        for (TreePath at = path; !at.isRoot(); at = at.parent()) {
            if (ownName(at) || at.toString().equals("build")) {
                return true;
            }
        }
        return false;
    }

    private void checkBack(Root whole, Root versioned, Root target, Root back) {
        assertEquals(
                Set.of(),
                missing(
                        ModelTree.load(table, target).entries(),
                        ModelTree.load(table, back).entries()),
                "all of the target is shown");
        Map<TreePath, TreeEntry> kept =
                new TreeMap<>(ModelTree.load(table, whole).entries());
        kept.keySet().removeAll(ModelTree.load(table, versioned).entries().keySet());
        long before = kept.values().stream()
                .filter(entry -> entry.type() != EntryType.DIRECTORY)
                .count();
        Map<TreePath, TreeEntry> now = new TreeMap<>(ModelTree.load(table, back).entries());
        now.keySet().removeAll(ModelTree.load(table, target).entries().keySet());
        long after = now.values().stream()
                .filter(entry -> entry.type() != EntryType.DIRECTORY)
                .count();
        assertEquals(before, after, "what is not versioned is kept");
        checkRoot("whole tree", back);
    }

    private static Set<TreePath> missing(Map<TreePath, TreeEntry> wanted, Map<TreePath, TreeEntry> there) {
        Set<TreePath> missing = new HashSet<>();
        wanted.forEach((path, entry) -> {
            TreeEntry shown = there.get(path);
            boolean same = shown != null
                    && shown.fileId() == entry.fileId()
                    && (entry.type() == EntryType.DIRECTORY
                            ? shown.attributes().sameButTimes(entry.attributes())
                            : shown.sameState(entry));
            if (!same) {
                missing.add(path);
            }
        });
        return missing;
    }

    /** Entries and link table agree, ids are unique, directories count their entries. */
    private void checkRoot(String what, Root root) {
        Map<TreePath, TreeEntry> all = ModelTree.load(table, root).entries();
        Set<Integer> ids = new HashSet<>();
        all.forEach((path, resolved) -> {
            TreeEntry entry = Trees.find(table, root, path);
            if (entry != null && entry.type() == EntryType.LINKED) {
                LinkedFile file = LinkTable.require(table, root.links(), entry.fileId());
                assertTrue(file.paths().contains(path) && file.paths().size() > 1, what + ": link " + path);
            } else {
                assertTrue(ids.add(resolved.fileId()), what + ": id of " + path);
            }
            if (entry != null && entry.type() == EntryType.DIRECTORY) {
                assertEquals(Trees.count(table, entry.content()), entry.size(), what + ": size of " + path);
            }
        });
        LinkTable.list(table, root.links(), (fileId, file) -> {
            file.paths().forEach(path -> {
                TreeEntry entry = Trees.find(table, root, path);
                assertTrue(entry != null && entry.fileId() == fileId, what + ": name of link " + path);
                assertTrue(entry != null && entry.type() == EntryType.LINKED, what + ": linked " + path);
            });
            return true;
        });
    }

    private int freshId() {
        return nextId++;
    }

    private List<String> paths(Root root) {
        return ModelTree.load(table, root).entries().keySet().stream()
                .filter(path -> !path.isRoot())
                .map(TreePath::toString)
                .toList();
    }
}

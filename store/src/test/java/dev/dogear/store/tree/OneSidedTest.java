package dev.dogear.store.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.MergedTree;
import dev.dogear.store.tree.merge.PathRestore;
import dev.dogear.store.tree.merge.TreeMerge;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Where one side changed nothing, or every path is restored, there is one answer whatever was done: hard links, names that
 * are swapped, files renamed over others, folders within each other, things of another type under old names.
 */
final class OneSidedTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 600);

    private final ObjectTable table = new MemoryObjectTable();
    private int nextFileId = 1_000_000;

    @Test
    void whatOneSideDidIsTheResult() {
        long seed = Long.getLong("dogear.seed", new Random().nextLong());
        System.out.println("OneSidedTest: dogear.seed=" + seed + " dogear.rounds=" + ROUNDS);
        for (int round = 0; round < ROUNDS; round++) {
            try {
                round(new Random(seed + round));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + round) + ": " + e.getMessage(), e);
            }
        }
    }

    private void round(Random random) {
        RandomEdits edits = new RandomEdits(table, random, 2);
        ModelTree base = new ModelTree();
        edits.apply(base, 5 + random.nextInt(20));
        ModelTree side = base.copy();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            edits.apply(side, 1 + random.nextInt(4));
            odd(side, random);
        }
        Root before = base.store(table);
        Root after = side.store(table);
        MergeOptions options = new MergeOptions(new Timestamp(99, 0), "ours", "theirs", this::freshId);
        MergedTree merged = TreeMerge.merge(table, before, before, after, options);
        assertEquals(List.of(), merged.conflicts());
        assertSame("merged", side, merged.root());
        assertSame(
                "kept",
                side,
                TreeMerge.merge(table, before, after, before, options).root());
        TreeSet<TreePath> tops = new TreeSet<>();
        for (ModelTree tree : List.of(base, side)) {
            tree.entries().keySet().stream()
                    .filter(path -> path.names().size() == 1)
                    .forEach(tops::add);
        }
        if (!tops.isEmpty()) {
            PathRestore restore = new PathRestore(table, before, after, new Timestamp(99, 0), this::freshId);
            assertSame("restored", side, restore.of(tops));
        }
    }

    private int freshId() {
        return nextFileId++;
    }

    /** Swaps two names, or puts a link where a file was. */
    private void odd(ModelTree tree, Random random) {
        List<TreePath> files = new ArrayList<>(tree.paths(random.nextInt(3) == 0));
        files.remove(TreePath.ROOT);
        if (files.size() < 2) {
            return;
        }
        TreePath one = files.get(random.nextInt(files.size()));
        TreePath other = files.get(random.nextInt(files.size()));
        if (random.nextInt(4) == 0 && tree.get(one.toString()).type() != EntryType.DIRECTORY) {
            byte[] target = {(byte) random.nextInt(100)};
            tree.put(one, TreeEntry.symlink(freshId(), Attributes.NONE.withMode(0777), target));
        } else if (!one.startsWith(other) && !other.startsWith(one)) {
            tree.move(one.toString(), "swapped");
            tree.move(other.toString(), one.toString());
            tree.move("swapped", other.toString());
        }
    }

    private void assertSame(String what, ModelTree wanted, Root root) {
        ModelTree shown = ModelTree.load(table, root);
        assertEquals(wanted.entries().keySet(), shown.entries().keySet(), what);
        wanted.entries().forEach((path, entry) -> {
            TreeEntry now = shown.get(path.toString());
            boolean directory = entry.type() == EntryType.DIRECTORY && now.type() == EntryType.DIRECTORY;
            assertTrue(
                    directory ? entry.attributes().sameButTimes(now.attributes()) : entry.sameState(now),
                    () -> what + ": " + path);
        });
        assertEquals(groups(wanted), groups(shown), what + ": hard links");
        checkLinks(what, root, shown);
    }

    private static Set<Set<TreePath>> groups(ModelTree tree) {
        Map<Integer, Set<TreePath>> byFileId = new LinkedHashMap<>();
        tree.entries().forEach((path, entry) -> byFileId.computeIfAbsent(entry.fileId(), id -> new TreeSet<>())
                .add(path));
        return new HashSet<>(byFileId.values());
    }

    /** The table of links has what the entries say, and nothing else. */
    private void checkLinks(String what, Root root, ModelTree shown) {
        Map<Integer, Set<TreePath>> listed = new TreeMap<>();
        LinkTable.list(table, root.links(), (fileId, file) -> listed.put(fileId, Set.copyOf(file.paths())) == null);
        Map<Integer, Set<TreePath>> named = new TreeMap<>();
        shown.entries().keySet().forEach(path -> {
            TreeEntry raw = path.isRoot() ? root.directory() : Objects.requireNonNull(Trees.find(table, root, path));
            if (raw.type() == EntryType.LINKED) {
                named.computeIfAbsent(raw.fileId(), id -> new HashSet<>()).add(path);
            }
        });
        assertEquals(named, listed, what + ": table of links");
    }
}

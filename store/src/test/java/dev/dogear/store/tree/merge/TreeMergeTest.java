package dev.dogear.store.tree.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.Xattrs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The rows of the merge rules, one by one, and what git knows nothing of: attributes, times, hard links, file ids. */
final class TreeMergeTest {
    private static final Timestamp TIME = new Timestamp(1000, 7);

    private final ObjectTable table = new MemoryObjectTable();
    private final AtomicInteger nextFileId = new AtomicInteger(1000);
    private final MergeOptions options = new MergeOptions(TIME, "main", "session/1", nextFileId::getAndIncrement);

    private ModelTree base() {
        return new ModelTree()
                .file(table, "a", 2, "1\n2\n3\n4\n5\n")
                .file(table, "b", 3, "b\n")
                .directory("d", 4)
                .file(table, "d/x", 5, "x1\nx2\nx3\n")
                .file(table, "d/y", 6, "y\n");
    }

    private MergedTree merge(UnaryOperator<ModelTree> ours, UnaryOperator<ModelTree> theirs) {
        return TreeMerge.merge(
                table,
                base().store(table),
                ours.apply(base()).store(table),
                theirs.apply(base()).store(table),
                options);
    }

    private ModelTree clean(UnaryOperator<ModelTree> ours, UnaryOperator<ModelTree> theirs) {
        MergedTree merged = merge(ours, theirs);
        assertEquals(List.of(), merged.conflicts());
        return ModelTree.load(table, merged.root());
    }

    /** The merged tree, checked to have conflicts, each as {@code kind path}. */
    private ModelTree conflicted(UnaryOperator<ModelTree> ours, UnaryOperator<ModelTree> theirs, String... conflicts) {
        MergedTree merged = merge(ours, theirs);
        assertEquals(
                List.of(conflicts),
                merged.conflicts().stream()
                        .map(conflict -> conflict.text() + " " + conflict.path())
                        .toList());
        return ModelTree.load(table, merged.root());
    }

    private UnaryOperator<ModelTree> write(String path, String text) {
        return tree -> tree.put(path, ModelTree.content(table, tree.get(path), text));
    }

    private static UnaryOperator<ModelTree> change(String path, UnaryOperator<Attributes> change) {
        return tree -> tree.put(
                path, tree.get(path).withAttributes(change.apply(tree.get(path).attributes())));
    }

    private static UnaryOperator<ModelTree> remove(String path) {
        return tree -> tree.remove(path);
    }

    private static UnaryOperator<ModelTree> move(String from, String to) {
        return tree -> tree.move(from, to);
    }

    private UnaryOperator<ModelTree> add(String path, int fileId, String text) {
        return tree -> tree.file(table, path, fileId, text);
    }

    private static UnaryOperator<ModelTree> symlink(String path, int fileId, String target) {
        return tree -> tree.put(
                path,
                TreeEntry.symlink(fileId, Attributes.NONE.withMode(0777), target.getBytes(StandardCharsets.UTF_8)));
    }

    @SafeVarargs
    private static UnaryOperator<ModelTree> all(UnaryOperator<ModelTree>... edits) {
        return tree -> {
            ModelTree edited = tree;
            for (UnaryOperator<ModelTree> edit : edits) {
                edited = edit.apply(edited);
            }
            return edited;
        };
    }

    private String text(ModelTree tree, String path) {
        TreeEntry entry = tree.get(path);
        byte[] bytes = new byte[(int) entry.size()];
        new StoredContent(table, entry.content(), entry.size()).read(0, ByteBuffer.wrap(bytes));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String paths(ModelTree tree) {
        return tree.entries().keySet().toString();
    }

    @Test
    void nothingToMergeChangesNothing() {
        Root base = base().store(table);
        Root ours = write("a", "x\n").apply(base()).store(table);
        assertSame(ours, TreeMerge.merge(table, base, ours, base, options).root());
        assertSame(ours, TreeMerge.merge(table, base, ours, ours, options).root());
        assertEquals(
                ours,
                TreeMerge.merge(
                                table,
                                base,
                                ours,
                                write("a", "x\n").apply(base()).store(table),
                                options)
                        .root());
    }

    @Test
    void bothSidesEditsAreKept() {
        ModelTree merged =
                clean(write("a", "one\n2\n3\n4\n5\n"), all(write("a", "1\n2\n3\n4\nfive"), write("b", "B\n")));
        assertEquals("one\n2\n3\n4\nfive", text(merged, "a"));
        assertEquals("B\n", text(merged, "b"));
        assertEquals(TIME, merged.get("a").attributes().mtime());
        assertEquals(Timestamp.EPOCH, merged.get("d/x").attributes().mtime());
        assertEquals(TIME.equals(merged.get("d").attributes().mtime()), false, "d was not touched");
    }

    @Test
    void conflictsOfContentShowMarkersOrKeepOurs() {
        ModelTree merged = conflicted(write("a", "1\nX\n3\n4\n5\n"), write("a", "1\nY\n3\n4\n5\n"), "content a");
        assertEquals(
                "1\n<<<<<<< main\nX\n||||||| base\n2\n=======\nY\n>>>>>>> session/1\n3\n4\n5\n", text(merged, "a"));
        conflicted(write("a", "1\nX\n3\n4\n5\n"), write("a", "1\n2\nY\n4\n5\n"), "content a");
        conflicted(write("a", "\0X"), write("a", "\0Y"), "binary a");
        conflicted(add("n", 90, "1\n"), add("n", 91, "2\n"), "add/add n");
        conflicted(symlink("n", 90, "t"), add("n", 91, "2\n"), "add/add n");
        conflicted(symlink("a", 90, "t"), write("a", "e\n"), "type a");
        conflicted(symlink("a", 90, "t"), symlink("a", 91, "u"), "type a");
    }

    @Test
    void deletionsMeetEdits() {
        assertEquals("[, b, d, d/x, d/y]", paths(clean(remove("a"), remove("a"))));
        assertEquals("new\n", text(conflicted(remove("a"), write("a", "new\n"), "modify/delete a"), "a"));
        assertEquals("new\n", text(conflicted(write("a", "new\n"), remove("a"), "modify/delete a"), "a"));
        conflicted(remove("a"), change("a", old -> old.withMode(0755)), "modify/delete a");
        conflicted(remove("a"), move("a", "e"), "rename/delete e");
        conflicted(remove("d"), write("d/x", "new\n"), "modify/delete d/x");
        assertEquals("[, a, b, d, d/new]", paths(clean(remove("d"), add("d/new", 90, "n"))));
        assertEquals("[, a, b, d, d/new]", paths(clean(add("d/new", 90, "n"), remove("d"))));
    }

    @Test
    void renamesAreFollowed() {
        assertEquals("new\n", text(clean(move("b", "c"), write("b", "new\n")), "c"));
        assertEquals("new\n", text(clean(write("b", "new\n"), move("b", "B")), "B"));
        ModelTree both = conflicted(move("b", "c"), move("b", "e"), "rename/rename c");
        assertEquals("[, a, c, d, d/x, d/y, e]", paths(both));
        assertEquals(3, both.get("c").fileId());
        assertEquals(1000, both.get("e").fileId());
        conflicted(move("a", "c"), move("b", "c"), "add/add c");
        conflicted(move("a", "c"), add("c", 90, "c"), "add/add c");
        assertEquals("[, a, c, d, d/x, d/y]", paths(clean(move("b", "c"), all(remove("b"), add("c", 90, "b\n")))));
        assertEquals("[, a, c, d, d/x, d/y]", paths(clean(all(remove("b"), add("c", 90, "b\n")), move("b", "c"))));
    }

    @Test
    void renamedDirectoriesTakeAlongWhatComes() {
        ModelTree merged = clean(move("d", "e"), all(add("d/new", 90, "n"), write("d/x", "X\n"), remove("d/y")));
        assertEquals("[, a, b, e, e/new, e/x]", paths(merged));
        assertEquals("X\n", text(merged, "e/x"));
        assertEquals(4, merged.get("e").fileId());
        assertEquals(
                merged.store(table),
                clean(all(add("d/new", 90, "n"), write("d/x", "X\n"), remove("d/y")), move("d", "e"))
                        .put("a", merged.get("a"))
                        .put("e", merged.get("e"))
                        .put("e/new", merged.get("e/new"))
                        .put("e/x", merged.get("e/x"))
                        .store(table));
        assertEquals("[, a, b, e, e/x, e/y]", paths(conflicted(move("d", "e"), remove("d"), "rename/delete e")));
        assertEquals("[, a, b, e, e/x, e/y]", paths(conflicted(remove("d"), move("d", "e"), "rename/delete e")));
        conflicted(move("d", "e"), move("d", "f"), "rename/rename e");
    }

    @Test
    void directoriesThatMeetBecomeOne() {
        UnaryOperator<ModelTree> theirs = all(tree -> tree.directory("e", 90), add("e/z", 91, "z"));
        assertEquals("[, a, b, e, e/x, e/y, e/z]", paths(clean(move("d", "e"), theirs)));
        assertEquals("[, a, b, e, e/x, e/y, e/z]", paths(clean(theirs, move("d", "e"))));
        assertEquals(
                "[, a, b, d, d/x, d/y, e, e/q, e/z]",
                paths(clean(theirs, all(tree -> tree.directory("e", 92), add("e/q", 93, "q")))));
    }

    @Test
    void directoriesMovedIntoEachOtherStayOurs() {
        ModelTree start = base().directory("e", 80).file(table, "e/z", 81, "z");
        MergedTree merged = TreeMerge.merge(
                table,
                start.store(table),
                start.copy().move("d", "e/d").store(table),
                start.copy().move("e", "d/e").store(table),
                options);
        assertEquals(1, merged.conflicts().size());
        assertEquals("[, a, b, e, e/d, e/d/x, e/d/y, e/z]", paths(ModelTree.load(table, merged.root())));
    }

    @Test
    void aFileInTheWayOfADirectoryMovesAside() {
        UnaryOperator<ModelTree> directory = all(tree -> tree.directory("n", 90), add("n/in", 91, "i"));
        assertEquals(
                "[, a, b, d, d/x, d/y, n, n/in, n~session_1]",
                paths(conflicted(directory, add("n", 92, "f"), "file/directory n~session_1")));
        assertEquals(
                "[, a, b, d, d/x, d/y, n, n/in, n~main]",
                paths(conflicted(add("n", 92, "f"), directory, "file/directory n~main")));
    }

    @Test
    void attributesMergeOneByOne() {
        Xattrs left = Xattrs.of(Map.of("user.l", new byte[] {1}));
        Xattrs right = Xattrs.of(Map.of("user.r", new byte[] {2}));
        ModelTree merged = clean(
                change("a", old -> old.withMode(0755).withXattrs(left)),
                all(write("a", "new\n"), change("a", old -> old.withOwner(5, 6).withXattrs(right))));
        Attributes attributes = merged.get("a").attributes();
        assertEquals(0755, attributes.mode());
        assertEquals(5, attributes.uid());
        assertEquals(2, attributes.xattrs().asMap().size());
        assertEquals("new\n", text(merged, "a"));
        conflicted(change("a", old -> old.withMode(0755)), change("a", old -> old.withMode(0600)), "mode a");
        conflicted(change("d", old -> old.withOwner(1, 1)), change("d", old -> old.withOwner(2, 2)), "attribute d");
        ModelTree times = clean(
                change("a", old -> old.withTimes(new Timestamp(1, 1), new Timestamp(2, 2))),
                change("a", old -> old.withTimes(new Timestamp(3, 3), new Timestamp(4, 4))));
        assertEquals(new Timestamp(1, 1), times.get("a").attributes().mtime());
        ModelTree mode = clean(write("b", "B\n"), change("a", old -> old.withMode(0755)));
        assertEquals(Timestamp.EPOCH, mode.get("a").attributes().mtime());
        assertEquals(TIME, mode.get("a").attributes().ctime());
    }

    @Test
    void fileIdsStayUnique() {
        ModelTree merged = clean(write("b", "B\n"), all(move("a", "a~"), add("a", 90, "edited")));
        assertEquals(2, merged.get("a").fileId());
        assertEquals(1000, merged.get("a~").fileId());
        ModelTree copied = clean(
                write("b", "B\n"),
                all(move("a", "a~"), tree -> tree.put("a", tree.get("a~").withFileId(91))));
        assertEquals(2, copied.get("a").fileId());
        assertEquals(1001, copied.get("a~").fileId());
    }

    @Test
    void linksMergeAsSets() {
        UnaryOperator<ModelTree> link = tree -> tree.put("hard", tree.get("a"));
        MergedTree merged = merge(write("a", "one\n2\n3\n4\n5\n"), all(link, write("b", "B\n")));
        assertTrue(merged.isClean(), merged.conflicts()::toString);
        assertLinked(merged.root(), 2, "[a, hard]", "one\n2\n3\n4\n5\n");

        UnaryOperator<ModelTree> both = tree -> {
            ModelTree linked = link.apply(tree);
            TreeEntry edited = ModelTree.content(table, linked.get("a"), "1\n2\n3\n4\nfive\n");
            return linked.put("a", edited).put("hard", edited);
        };
        assertLinked(merge(write("a", "one\n2\n3\n4\n5\n"), both).root(), 2, "[a, hard]", "one\n2\n3\n4\nfive\n");
        assertLinked(
                merge(all(link, write("b", "B\n")), tree -> tree.put("third", tree.get("a")))
                        .root(),
                2,
                "[a, hard, third]",
                "1\n2\n3\n4\n5\n");
        assertLinked(
                merge(tree -> tree.put("d/hard", tree.get("a")), move("d", "e")).root(),
                2,
                "[a, e/hard]",
                "1\n2\n3\n4\n5\n");
    }

    @Test
    void theLastLinkLeftIsAPlainFile() {
        ModelTree start = base();
        start.put("hard", start.get("a"));
        ModelTree theirs = start.copy().remove("hard");
        ModelTree ours = start.copy();
        ours.put("b", ModelTree.content(table, ours.get("b"), "B\n"));
        Root merged = TreeMerge.merge(table, start.store(table), ours.store(table), theirs.store(table), options)
                .root();
        assertNull(merged.links());
        TreeEntry left =
                Objects.requireNonNull(Trees.find(table, merged.directory().content(), Name.of("a")));
        assertEquals(EntryType.FILE, left.type());
        assertEquals(2, left.fileId());
    }

    private void assertLinked(Root root, int fileId, String paths, String text) {
        LinkedFile file = LinkTable.require(table, root.links(), fileId);
        assertEquals(paths, file.paths().toString());
        ModelTree tree = ModelTree.load(table, root);
        file.paths().forEach(path -> {
            assertEquals(
                    EntryType.LINKED,
                    Objects.requireNonNull(Trees.find(table, root, path)).type());
            assertEquals(text, text(tree, path.toString()));
        });
        assertEquals(1, LinkTable.count(table, root.links()));
    }

    @Test
    void aLargeDirectoryIsMergedAtTheCostOfTheChanges() {
        SortedMap<Name, Optional<TreeEntry>> entries = new TreeMap<>();
        for (int i = 0; i < 50_000; i++) {
            entries.put(Name.of("f" + i), Optional.of(TreeEntry.symlink(i + 100, Attributes.NONE, new byte[] {1})));
        }
        Root base = new Root(Trees.editDirectory(table, Roots.EMPTY.directory(), entries), null, null);
        Root ours = edited(base, "f1");
        Root theirs = edited(base, "f2");
        MemoryObjectTable written = (MemoryObjectTable) table;
        int before = written.size();
        Root merged = TreeMerge.merge(table, base, ours, theirs, options).root();
        assertTrue(written.size() - before <= 8, written.size() - before + " objects written");
        assertEquals(50_000, merged.directory().size());
    }

    private Root edited(Root base, String name) {
        TreeEntry entry = TreeEntry.symlink(7, Attributes.NONE, new byte[] {2});
        return new Root(
                Trees.editDirectory(table, base.directory(), ImmutableSortedMap.of(Name.of(name), Optional.of(entry))),
                null,
                null);
    }
}

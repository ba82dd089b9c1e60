package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.change.Verbs.UndoResult;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Undo of single files and folders, and what an undo says it would do. */
class UndoPathsTest {
    @TempDir
    Path data;

    private LiveStore store;
    private Repository repository;
    private LiveFiles files;

    @BeforeEach
    void begin() throws PosixException {
        store = new LiveStore(data.resolve("data"));
        repository = store.repository();
        files = store.files("main");
        files.write("a.txt", "one\n");
        files.write("src/b.txt", "b\n");
        files.write("src/deep/c.txt", "c\n");
        store.checkpoint("main", "first");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private UndoResult undo(int checkpoints, String... paths) {
        ImmutableList<TreePath> parsed = Stream.of(paths).map(TreePath::parse).collect(ImmutableList.toImmutableList());
        return repository.undo("main", new UndoRequest(checkpoints, parsed, false), BY);
    }

    private static List<String> paths(UndoResult result) {
        return result.paths().stream()
                .map(path -> path.status() + " " + path.path())
                .toList();
    }

    @Test
    void onlyTheNamedFileGoesBackAndNothingIsLost() throws PosixException {
        FileNode open = (FileNode) files.open("a.txt");
        files.write("a.txt", "edited\n");
        files.write("src/b.txt", "edited too\n");
        UndoResult undone = undo(0, "a.txt");
        assertEquals(List.of("MODIFIED a.txt"), paths(undone));
        assertEquals("one\n", files.text(open), "an open file shows it");
        assertEquals("edited too\n", files.read("src/b.txt"));
        ChangeId saved = undone.saved();
        assertNotNull(saved);
        assertEquals(
                List.of("src/b.txt"),
                repository.edits("main").stream().map(p -> p.path().toString()).toList());
        repository.redo("main", BY);
        assertEquals("edited\n", files.read("a.txt"));
    }

    @Test
    void whatComesBackHasTheTimeOfTheUndo() throws PosixException {
        files.write("a.txt", "edited\n");
        UndoResult undone = undo(0, "a.txt");
        assertEquals(Timestamp.of(undone.operation().at()), files.mtime("a.txt"));
    }

    @Test
    void withoutEditsPathsGoBackBeforeTheLastCheckpoint() throws PosixException {
        files.write("a.txt", "two\n");
        files.write("src/b.txt", "b two\n");
        store.checkpoint("main", "second");
        undo(0, "src");
        store.assertShows("main", "a.txt: two", "src/", "src/b.txt: b", "src/deep/", "src/deep/c.txt: c");
        assertEquals(2, repository.log(repository.resolve("main"), 0, 10).size(), "the bookmark did not move");
        store.checkpoint("main", "with src taken back");
        repository.undo("main", 0, BY);
        assertEquals("b two\n", files.read("src/b.txt"), "what the undo made are edits like others");
    }

    @Test
    void checkpointsGoFurtherBack() throws PosixException {
        files.write("a.txt", "two\n");
        store.checkpoint("main", "second");
        files.write("a.txt", "three\n");
        store.checkpoint("main", "third");
        files.write("other.txt", "edit\n");
        StoreException nothing = assertThrows(StoreException.class, () -> undo(0, "a.txt"));
        assertEquals(Kind.STALE, nothing.kind());
        undo(2, "a.txt");
        assertEquals("one\n", files.read("a.txt"));
        assertEquals("edit\n", files.read("other.txt"));
    }

    @Test
    void addedDeletedAndRenamedPathsGoBackEachForItself() throws PosixException {
        files.write("new/n.txt", "n\n");
        files.write("new/m.txt", "m\n");
        files.rename("a.txt", "moved.txt");
        files.rename("src", "lib");
        undo(0, "new/n.txt", "a.txt", "src/deep");
        store.assertShows(
                "main",
                "a.txt: one",
                "lib/",
                "lib/b.txt: b",
                "lib/deep/",
                "lib/deep/c.txt: c",
                "moved.txt: one",
                "new/",
                "new/m.txt: m",
                "src/",
                "src/deep/",
                "src/deep/c.txt: c");
        undo(0, "lib", "src", "moved.txt");
        store.assertShows(
                "main", "a.txt: one", "new/", "new/m.txt: m", "src/", "src/b.txt: b", "src/deep/", "src/deep/c.txt: c");
    }

    @Test
    void aRenameOfWhichBothEndsAreNamedIsTakenBackAsOne() throws PosixException {
        FileNode open = (FileNode) files.open("a.txt");
        files.rename("a.txt", "moved.txt");
        files.write("moved.txt", "moved and edited\n");
        undo(0, "a.txt", "moved.txt");
        assertEquals("one\n", files.text(open), "it is the same file");
        assertEquals("one\n", files.read("a.txt"));
        assertNull(files.read("moved.txt"));
        assertEquals(List.of(), repository.edits("main"));
    }

    @Test
    void aFileWhereAFolderWasMakesWayWhenNamed() throws PosixException {
        files.delete("src/deep/c.txt");
        files.delete("src/deep");
        files.delete("src/b.txt");
        files.delete("src");
        files.write("src", "a file\n");
        StoreException refused = assertThrows(StoreException.class, () -> undo(0, "src/b.txt"));
        assertEquals(Kind.INVALID, refused.kind());
        assertTrue(refused.toString().contains("name that too"), refused.toString());
        assertEquals("a file\n", files.read("src"));
        undo(0, "src");
        assertEquals("b\n", files.read("src/b.txt"));
        assertEquals(List.of(), repository.edits("main"));
    }

    @Test
    void aFileWithSeveralNamesComesBackWhole() throws PosixException {
        files.link("a.txt", "src/same.txt");
        store.checkpoint("main", "linked");
        files.write("a.txt", "edited by one name\n");
        undo(0, "src/same.txt");
        assertEquals("one\n", files.read("src/same.txt"), "a file of its own now: the other name was not asked for");
        assertEquals("edited by one name\n", files.read("a.txt"));
        undo(0, "a.txt", "src");
        assertEquals("one\n", files.read("a.txt"));
        files.write("a.txt", "both\n");
        assertEquals("both\n", files.read("src/same.txt"), "one file again");
        files.delete("src/same.txt");
        undo(0, "a.txt");
        assertEquals("one\n", files.read("a.txt"));
        assertNull(files.read("src/same.txt"));
    }

    @Test
    void aPathNobodyHasIsRefusedAndChangesNothing() throws PosixException {
        files.write("a.txt", "edited\n");
        StoreException refused = assertThrows(StoreException.class, () -> undo(0, "a.txt", "nowhere.txt"));
        assertEquals(Kind.NOT_FOUND, refused.kind());
        assertTrue(refused.toString().contains("nowhere.txt"), refused.toString());
        assertEquals("edited\n", files.read("a.txt"));
    }

    @Test
    void aDryRunSaysWhatWouldChangeAndChangesNothing() throws PosixException {
        files.write("a.txt", "two\n");
        store.checkpoint("main", "second");
        files.write("src/b.txt", "edited\n");
        files.write("new.txt", "new\n");
        long newest = store.newest();
        int edited = repository.edits("main").size();
        UndoResult said = repository.undo("main", new UndoRequest(0, ImmutableList.of(), true), BY);
        assertEquals(List.of("DELETED new.txt", "MODIFIED src/b.txt"), paths(said));
        assertEquals(0, said.operation().number());
        assertEquals(
                List.of("MODIFIED a.txt", "DELETED new.txt", "MODIFIED src/b.txt"),
                paths(repository.undo("main", new UndoRequest(1, ImmutableList.of(), true), BY)));
        ImmutableList<TreePath> some = ImmutableList.of(TreePath.parse("src"));
        assertEquals(List.of("MODIFIED src/b.txt"), paths(repository.undo("main", new UndoRequest(0, some, true), BY)));
        assertEquals(newest, store.newest());
        assertEquals(edited, repository.edits("main").size());
        assertEquals("edited\n", files.read("src/b.txt"));
        assertEquals(paths(said), paths(repository.undo("main", 0, BY)), "and that is what it does");
        assertEquals(List.of("ADDED new.txt", "MODIFIED src/b.txt"), paths(repository.redo("main", true, BY)));
        assertEquals("b\n", files.read("src/b.txt"));
        repository.redo("main", BY);
        assertEquals("edited\n", files.read("src/b.txt"));
    }
}

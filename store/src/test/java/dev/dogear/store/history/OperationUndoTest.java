package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.RevertResult;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Undo of an operation by its number, each kind of it, with nothing and with something after it. */
class OperationUndoTest {
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
        store.checkpoint("main", "first");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private RevertResult undo(long operation) {
        return repository.undoOperation(operation, false, BY);
    }

    @Test
    void aCheckpointInTheMiddleIsTakenOutAndPutBackByAnUndoOfTheUndo() throws PosixException {
        files.write("b.txt", "two\n");
        store.checkpoint("main", "second");
        long second = store.newest();
        files.write("c.txt", "three\n");
        store.checkpoint("main", "third");
        files.write("d.txt", "edit\n");
        RevertResult undone = undo(second);
        store.assertShows("main", "a.txt: one", "c.txt: three", "d.txt: edit");
        assertEquals(Operation.Kind.UNDO, undone.operation().kind());
        assertEquals(second, undone.operation().reverts());
        assertNotNull(undone.operation().saved(), "the edits are a change of their own");
        assertTrue(undone.bookmarks().get(0).newChange());
        assertEquals(
                "Undo operation " + second + ".", repository.resolve("main").message());
        files.write("e.txt", "later\n");
        undo(undone.operation().number());
        store.assertShows("main", "a.txt: one", "b.txt: two", "c.txt: three", "d.txt: edit", "e.txt: later");
        repository.undo("main", 0, BY);
        store.assertShows("main", "a.txt: one", "c.txt: three", "d.txt: edit", "e.txt: later");
    }

    @Test
    void theLastOperationIsUndoneExactly() throws PosixException {
        Bookmark before = repository.bookmark("main");
        files.write("b.txt", "two\n");
        store.checkpoint("main", "second");
        RevertResult undone = undo(store.newest());
        assertEquals(before.change(), repository.bookmark("main").change());
        store.assertShows("main", "a.txt: one");
        undo(undone.operation().number());
        store.assertShows("main", "a.txt: one", "b.txt: two");
        repository.undo("main", 0, BY);
        repository.redo("main", BY);
        store.assertShows("main", "a.txt: one", "b.txt: two");
    }

    @Test
    void aConflictIsRefusedWithItsPathsAndChangesNothing() throws PosixException {
        files.write("a.txt", "two\n");
        store.checkpoint("main", "second");
        long second = store.newest();
        files.write("a.txt", "three\n");
        store.checkpoint("main", "third");
        long newest = store.newest();
        MergeConflictException refused = assertThrows(MergeConflictException.class, () -> undo(second));
        assertEquals("a.txt", refused.paths().get(0).conflict().path().toString());
        assertEquals("three\n", files.read("a.txt"));
        assertEquals(newest, store.newest());
    }

    @Test
    void aMergeIsTakenOutOfWhatFollowedAndItsSourceIsBack() throws PosixException {
        repository.createBookmark("session/1", repository.bookmark("main").change(), BY);
        LiveFiles session = store.files("session/1");
        session.write("s.txt", "session\n");
        store.checkpoint("session/1", "in the session");
        repository.merge(new MergeRequest("main", "session/1", true, null, null, null), BY);
        long merge = store.newest();
        files.write("later.txt", "later\n");
        store.checkpoint("main", "later");
        RevertResult said = repository.undoOperation(merge, true, BY);
        assertEquals(0, said.operation().number());
        assertEquals(2, said.bookmarks().size());
        assertThrows(StoreException.class, () -> repository.bookmark("session/1"));
        RevertResult undone = undo(merge);
        store.assertShows("main", "a.txt: one", "later.txt: later");
        store.assertShows("session/1", "a.txt: one", "s.txt: session");
        undo(undone.operation().number());
        store.assertShows("main", "a.txt: one", "later.txt: later", "s.txt: session");
        assertThrows(StoreException.class, () -> repository.bookmark("session/1"));
        repository.undo("session/1", 0, BY);
        store.assertShows("session/1", "a.txt: one", "s.txt: session");
    }

    @Test
    void bookmarksComeAndGoAgain() throws PosixException {
        repository.createBookmark("session/1", repository.bookmark("main").change(), BY);
        long created = store.newest();
        store.files("session/1").write("edit.txt", "edit\n");
        RevertResult removed = undo(created);
        assertNotNull(removed.operation().saved());
        assertNull(removed.bookmarks().get(0).to());
        assertThrows(StoreException.class, () -> repository.bookmark("session/1"));
        undo(removed.operation().number());
        store.assertShows("session/1", "a.txt: one", "edit.txt: edit");
        repository.deleteBookmark("session/1", null, BY);
        long deleted = store.newest();
        undo(deleted);
        store.assertShows("session/1", "a.txt: one", "edit.txt: edit");
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> undo(deleted)).kind());
        store.checkpoint("session/1", "moved on");
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> undo(created)).kind());
    }

    @Test
    void aMoveAndAnImportAreUndone() throws Exception {
        Change first = repository.resolve("main");
        files.write("b.txt", "two\n");
        Change second = store.checkpoint("main", "second");
        repository.moveBookmark("main", first.id(), null, BY);
        long move = store.newest();
        files.write("c.txt", "after the move\n");
        store.checkpoint("main", "third");
        undo(move);
        store.assertShows("main", "a.txt: one", "b.txt: two", "c.txt: after the move");
        repository.moveBookmark("main", second.id(), null, BY);
        Path tree = Files.createDirectory(data.resolve("tree"));
        Files.writeString(tree.resolve("imported.txt"), "imported\n");
        repository.importTree("main", tree, "import", BY, (found, bytes) -> {});
        long imported = store.newest();
        store.assertShows("main", "imported.txt: imported");
        files.write("d.txt", "after the import\n");
        undo(imported);
        store.assertShows("main", "a.txt: one", "b.txt: two", "d.txt: after the import");
    }

    @Test
    void whatCannotBeUndoneSaysWhy() throws PosixException {
        assertEquals(
                Kind.NOT_FOUND,
                assertThrows(StoreException.class, () -> undo(4711)).kind());
        assertEquals(
                Kind.INVALID, assertThrows(StoreException.class, () -> undo(1)).kind());
        files.write("b.txt", "two\n");
        store.checkpoint("main", "second");
        long second = store.newest();
        undo(second);
        StoreException again = assertThrows(StoreException.class, () -> undo(second));
        assertEquals(Kind.STALE, again.kind());
        assertTrue(again.toString().contains("Nothing is left"), again.toString());
        assertEquals(List.of(), repository.edits("main"));
    }
}

package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.UndoResult;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of what undo and redo do, row by row, on a live workspace. */
class UndoTest {
    private static final String BY = "tester";

    @TempDir
    Path data;

    private Store store;
    private Repository repository;
    private LiveFiles files;

    @BeforeEach
    void begin() throws PosixException {
        store = Store.open(data.resolve("data"), InstantSource.system());
        repository = store.createRepository("project", "main", BY);
        files = new LiveFiles(repository.workspace("main"));
        files.write("a.txt", "one\n");
        files.write("dir/b.txt", "b\n");
        checkpoint("first");
        files.write("a.txt", "two, longer\n");
        files.rename("dir/b.txt", "dir/c.txt");
        files.write("new.txt", "new\n");
        checkpoint("second");
    }

    @AfterEach
    void check() {
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
        try (Store again = Store.open(data.resolve("data"), InstantSource.system())) {
            assertEquals(List.of(), StoreCheck.run(again).problems());
        }
    }

    private void checkpoint(String message) {
        repository.checkpoint("main", CheckpointRequest.of(message), BY);
    }

    private void assertSecond() throws PosixException {
        assertEquals("two, longer\n", files.read("a.txt"));
        assertNull(files.read("dir/b.txt"));
        assertEquals("b\n", files.read("dir/c.txt"));
        assertEquals("new\n", files.read("new.txt"));
    }

    private void assertFirst() throws PosixException {
        assertEquals("one\n", files.read("a.txt"));
        assertEquals("b\n", files.read("dir/b.txt"));
        assertNull(files.read("dir/c.txt"));
        assertNull(files.read("new.txt"));
    }

    @Test
    void editsAreSavedAsideAndBroughtBack() throws PosixException {
        FileNode open = (FileNode) files.open("a.txt");
        files.write("a.txt", "edit\n");
        files.delete("new.txt");
        UndoResult undone = repository.undo("main", 0, BY);
        assertSecond();
        assertEquals("two, longer\n", files.text(open), "a file that was open shows the state undone to");
        ChangeId saved = undone.saved();
        assertNotNull(saved);
        assertEquals(
                List.of("a.txt", "new.txt"),
                undone.paths().stream().map(p -> p.path().toString()).toList());
        repository.redo("main", BY);
        assertEquals("edit\n", files.read("a.txt"));
        assertNull(files.read("new.txt"));
    }

    @Test
    void aCheckpointIsUndoneAndDoneAgain() throws PosixException {
        repository.undo("main", 0, BY);
        assertFirst();
        repository.redo("main", BY);
        assertSecond();
        repository.undo("main", 0, BY);
        repository.undo("main", 0, BY);
        assertEquals(List.of(), List.copyOf(files.all().keySet()));
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> repository.undo("main", 0, BY))
                        .kind());
        repository.redo("main", BY);
        assertFirst();
        repository.redo("main", BY);
        assertSecond();
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> repository.redo("main", BY))
                        .kind());
    }

    @Test
    void theLastCheckpointsAreUndoneWithTheEditsSince() throws PosixException {
        files.write("a.txt", "touched by a tool\n");
        UndoResult undone = repository.undo("main", 1, BY);
        assertNotNull(undone.saved());
        assertFirst();
        repository.redo("main", BY);
        assertEquals("touched by a tool\n", files.read("a.txt"));
        assertEquals("b\n", files.read("dir/c.txt"));
        assertThrows(StoreException.class, () -> repository.undo("main", 3, BY));
        assertEquals("touched by a tool\n", files.read("a.txt"), "a refused undo changes nothing");
    }

    @Test
    void aMergeIsUndoneWithItsDeletedSource() throws PosixException {
        repository.createBookmark("session/1", repository.bookmark("main").change(), BY);
        LiveFiles session = new LiveFiles(repository.workspace("session/1"));
        session.write("from-session.txt", "s\n");
        repository.checkpoint("session/1", CheckpointRequest.of("in the session"), BY);
        session.write("edited-only.txt", "not checkpointed\n");
        repository.merge(new MergeRequest("main", "session/1", true, null, null, null), BY);
        assertEquals("s\n", files.read("from-session.txt"));
        assertEquals("not checkpointed\n", files.read("edited-only.txt"), "edits of the source are in the result");
        assertThrows(StoreException.class, () -> repository.bookmark("session/1"));
        repository.undo("main", 0, BY);
        assertSecond();
        assertNull(files.read("from-session.txt"));
        LiveFiles back = new LiveFiles(repository.workspace("session/1"));
        assertEquals("not checkpointed\n", back.read("edited-only.txt"));
        repository.redo("main", BY);
        assertEquals("s\n", files.read("from-session.txt"));
        assertThrows(StoreException.class, () -> repository.bookmark("session/1"));
    }

    @Test
    void aMoveIsUndone() throws PosixException {
        ChangeId first = repository.resolve("main~1").id();
        files.write("a.txt", "edits before the move\n");
        repository.moveBookmark("main", first, null, BY);
        assertFirst();
        repository.undo("main", 0, BY);
        assertEquals("edits before the move\n", files.read("a.txt"), "the edits are back");
        repository.redo("main", BY);
        assertFirst();
    }

    @Test
    void redoIsRefusedAfterNewEdits() throws PosixException {
        repository.undo("main", 0, BY);
        files.write("other.txt", "new work\n");
        StoreException refused = assertThrows(StoreException.class, () -> repository.redo("main", BY));
        assertEquals(Kind.STALE, refused.kind());
        assertTrue(refused.toString().contains("new edits"));
        checkpoint("another line");
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> repository.redo("main", BY))
                        .kind());
        assertEquals("new work\n", files.read("other.txt"));
        // What was abandoned is still in the operations, by id.
        ChangeId abandoned = repository.operations(0, 10).stream()
                .filter(operation -> operation.kind() == Operation.Kind.UNDO)
                .map(operation -> operation.moves().get(0).from())
                .findFirst()
                .orElseThrow();
        repository.moveBookmark("main", abandoned, null, BY);
        assertSecond();
    }
}

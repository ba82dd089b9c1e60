package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A protected bookmark takes no edits and moves by merge alone. */
final class ProtectionTest {
    @TempDir
    Path folder;

    private LiveStore live;
    private Repository repository;
    private Change first;

    @BeforeEach
    void open() throws PosixException {
        live = new LiveStore(folder.resolve("data"));
        repository = live.repository();
        live.files("main").write("a", "one\n");
        first = live.checkpoint("main", "first");
        live.files("main").write("a", "two\n");
        live.checkpoint("main", "second");
        repository.createBookmark("session/1", repository.bookmark("main").change(), LiveStore.BY);
        repository.protect("main", true);
    }

    @AfterEach
    void close() {
        live.close();
    }

    @Test
    void editsAreRefused() throws PosixException {
        LiveFiles main = live.files("main");
        for (Edit edit : List.<Edit>of(
                () -> main.write("a", "three\n"),
                () -> main.write("new", "x"),
                () -> main.mkdir("folder"),
                () -> main.delete("a"),
                () -> main.rename("a", "b"))) {
            assertEquals(
                    Errno.EROFS, assertThrows(PosixException.class, edit::run).errno());
        }
        live.assertShows("main", "a: two");
        live.files("session/1").write("a", "three\n");
        live.assertShows("session/1", "a: three");
    }

    private interface Edit {
        void run() throws PosixException;
    }

    @Test
    void itMovesByMergeAlone() throws IOException, PosixException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        refused(() -> repository.moveBookmark("main", first.id(), null, LiveStore.BY));
        refused(() -> repository.undo("main", 0, LiveStore.BY));
        refused(() -> repository.undo("main", 1, LiveStore.BY));
        refused(() -> repository.undo(
                "main", new UndoRequest(1, ImmutableList.of(TreePath.parse("a")), false), LiveStore.BY));
        refused(() -> repository.undoOperation(live.newest() - 1, false, LiveStore.BY));
        refused(() -> repository.importTree("main", outside, "import", LiveStore.BY, (files, bytes) -> {}));
        refused(() -> repository.checkpoint(
                "main",
                new CheckpointRequest("empty", ImmutableList.of(), ImmutableMap.of(), null, true),
                LiveStore.BY));
        refused(() -> repository.merge(new MergeRequest("session/1", "main", true, null, null, null), LiveStore.BY));
        live.assertShows("main", "a: two");

        live.files("session/1").write("a", "three\n");
        repository.merge(new MergeRequest("main", "session/1", false, null, null, null), LiveStore.BY);
        live.assertShows("main", "a: three");
        refused(() -> repository.undo("main", 0, LiveStore.BY));
        live.assertShows("main", "a: three");
    }

    @Test
    void itCannotBeDeletedAndMadeAnew() {
        repository.createBookmark("other", first.id(), LiveStore.BY);
        long creation = live.newest();
        repository.protect("other", true);
        refused(() -> repository.deleteBookmark("other", null, LiveStore.BY));
        refused(() -> repository.undoOperation(creation, false, LiveStore.BY));
        live.repository().protect("other", false);
        repository.deleteBookmark("other", null, LiveStore.BY);
        repository.createBookmark("other", first.id(), LiveStore.BY);
        assertFalse(repository.isProtected("other"));
    }

    @Test
    void editsMustBeStoredBefore() throws PosixException {
        live.files("session/1").write("a", "three\n");
        assertEquals(
                Kind.STALE,
                assertThrows(StoreException.class, () -> repository.protect("session/1", true))
                        .kind());
        assertFalse(repository.isProtected("session/1"));
        live.files("session/1").write("a", "four\n");
        live.checkpoint("session/1", "stored");
        repository.protect("session/1", true);
        assertTrue(repository.isProtected("session/1"));
    }

    @Test
    void itLastsUntilItIsEnded() throws PosixException {
        live.close();
        try (Store store = Store.open(folder.resolve("data"), InstantSource.system())) {
            Repository again = store.repository("project");
            assertTrue(again.isProtected("main"));
            assertFalse(again.isProtected("session/1"));
            LiveFiles main = new LiveFiles(again.workspace("main"));
            assertEquals(
                    Errno.EROFS,
                    assertThrows(PosixException.class, () -> main.write("a", "x"))
                            .errno());
            again.protect("main", false);
            main.write("a", "x");
            again.checkpoint("main", CheckpointRequest.of("free again"), LiveStore.BY);
        }
        live = LiveStore.reopen(folder.resolve("data"));
        live.assertShows("main", "a: x");
    }

    private static void refused(Executable verb) {
        assertEquals(Kind.READ_ONLY, assertThrows(StoreException.class, verb).kind());
    }
}

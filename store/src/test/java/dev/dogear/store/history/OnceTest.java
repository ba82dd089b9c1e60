package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Authoring.NewChange;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.change.Verbs.UndoResult;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verb whose answer was lost is asked for again under its key: it is done once, and the answer is the first one. */
class OnceTest {
    private static final String BY = "tester";

    @TempDir
    Path folder;

    private Path data;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Store store;
    private Repository repository;

    @BeforeEach
    void begin() throws PosixException {
        data = folder.resolve("data");
        store = Store.open(data, () -> now);
        repository = store.createRepository("project", "main", BY);
        write("main", "a");
    }

    @AfterEach
    void check() {
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
    }

    private void write(String bookmark, String path) throws PosixException {
        new LiveFiles(repository.workspace(bookmark)).write(path, path + "\n");
    }

    private CheckpointResult checkpoint(String key) {
        return repository.checkpoint("main", CheckpointRequest.of("once"), BY, key);
    }

    private long operations() {
        return repository.operations(0, 1).get(0).number();
    }

    /** Goes on with a copy of the files as they are now, which is what a kill leaves: nothing was folded or closed. */
    private void kill() throws IOException {
        Path copy = folder.resolve("killed");
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.toList()) {
                Path target = copy.resolve(data.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
        store.close();
        data = copy;
        store = Store.open(data, () -> now);
        repository = store.repository("project");
    }

    @Test
    void aCheckpointIsMadeOnceThoughEditsFollowed() throws PosixException, IOException {
        CheckpointResult first = checkpoint("k");
        long newest = operations();
        write("main", "b");
        assertEquals(first, checkpoint("k"));
        assertEquals(newest, operations());
        assertEquals(1, repository.edits("main").size());
        kill();
        assertEquals(first, checkpoint("k"));
        assertEquals(newest, operations());
        CheckpointResult second = checkpoint("another");
        assertNotEquals(first.change(), second.change());
        assertEquals(first, checkpoint("k"), "though the bookmark has moved on");
        assertNotEquals(
                first.change(),
                repository
                        .checkpoint("main", CheckpointRequest.of("x"), "somebody", "k")
                        .change());
    }

    @Test
    void aCheckpointOfNothingStaysOne() throws PosixException {
        checkpoint("k");
        assertTrue(checkpoint("nothing").unchanged());
        write("main", "b");
        assertTrue(checkpoint("nothing").unchanged());
        assertEquals(1, repository.edits("main").size());
    }

    @Test
    void theKeyIsForgottenAfterADay() throws PosixException {
        checkpoint("k");
        write("main", "b");
        now = now.plus(Once.KEPT).plus(Duration.ofSeconds(2));
        assertEquals(1, checkpoint("k").files());
        assertEquals(0, repository.edits("main").size());
    }

    @Test
    void aMergeThatDeletesItsSourceIsAnsweredAgain() throws PosixException, IOException {
        Change base = checkpoint("k").change();
        repository.createBookmark("s", base.id(), BY);
        write("s", "b");
        MergeRequest request = new MergeRequest("main", "s", true, null, null, null);
        MergeResult first = repository.merge(request, BY, "m");
        kill();
        assertEquals(first, repository.merge(request, BY, "m"));
        assertThrows(StoreException.class, () -> repository.merge(request, BY, "other"));
    }

    @Test
    void anUndoGoesBackOneStep() throws PosixException {
        checkpoint("1");
        write("main", "b");
        Change second = checkpoint("2").change();
        write("main", "c");
        checkpoint("3");
        UndoRequest request = UndoRequest.of(0);
        UndoResult first = repository.undo("main", request, BY, "u");
        assertEquals(first, repository.undo("main", request, BY, "u"));
        assertEquals(second.id(), repository.bookmark("main").change());
        UndoResult redone = repository.redo("main", false, BY, "r");
        assertEquals(redone, repository.redo("main", false, BY, "r"));
        repository.createBookmark("s", second.id(), BY);
        write("s", "d");
        repository.deleteBookmark("s", null, BY);
        UndoResult revived = repository.undo("s", request, BY, "u");
        assertEquals(revived.operation(), repository.undo("s", request, BY, "u").operation());
    }

    @Test
    void aChangeIsMadeOnce() {
        NewChange request = new NewChange(
                checkpoint("k").change().id(), "m", ImmutableList.of(), null, ImmutableMap.of(), ImmutableList.of());
        Change made = repository.createChange(request, BY, "c");
        assertEquals(made, repository.createChange(request, BY, "c"));
        assertNotEquals(made, repository.createChange(request, BY, "d"));
    }
}

package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Metadata;
import dev.dogear.store.change.Names;
import dev.dogear.store.change.Person;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs of a repository on live workspaces, without a mount. */
class RepositoryTest {
    private static final String BY = "tester";

    @TempDir
    Path folder;

    private Store store;
    private Repository repository;
    private LiveFiles main;

    @BeforeEach
    void begin() {
        open();
        repository = store.createRepository("project", "main", BY);
        main = new LiveFiles(repository.workspace("main"));
    }

    @AfterEach
    void end() {
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
    }

    private void open() {
        store = Store.open(folder.resolve("data"), InstantSource.system());
    }

    private void reopen() {
        store.close();
        open();
        repository = store.repository("project");
        main = new LiveFiles(repository.workspace("main"));
    }

    private CheckpointResult checkpoint(String bookmark, String message) {
        return repository.checkpoint(bookmark, CheckpointRequest.of(message), BY);
    }

    private static Kind refused(Runnable verb) {
        return assertThrows(StoreException.class, verb::run).kind();
    }

    @Test
    void eachCheckpointCanBeReadBack() throws PosixException {
        List<Change> made = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            main.write("file.txt", "state " + i + "\n");
            main.write("dir" + i % 3 + "/other.txt", "also " + i);
            CheckpointResult result = checkpoint("main", "prompt " + i);
            assertFalse(result.unchanged());
            made.add(result.change());
        }
        assertEquals(made.get(19), repository.resolve("main"));
        assertEquals(made.get(17), repository.resolve("main~2"));
        assertEquals(made.get(3), repository.resolve(made.get(3).id().toString().substring(0, 12)));
        List<Change> log = repository.log(repository.resolve("main"), 0, 100);
        assertEquals(20, log.size());
        assertEquals("prompt 19", log.get(0).message());
        assertEquals(
                made.get(10), repository.log(repository.resolve("main"), 9, 1).get(0));
        repository.createBookmark("session/old", made.get(4).id(), BY);
        assertEquals("state 4\n", new LiveFiles(repository.workspace("session/old")).read("file.txt"));
        assertTrue(checkpoint("main", "nothing").unchanged());
    }

    @Test
    void editsAndHistorySurviveAReopen() throws PosixException {
        main.write("kept.txt", "in a change\n");
        Change change = checkpoint("main", "kept").change();
        main.write("edited.txt", "only edited\n");
        main.rename("kept.txt", "dir-less.txt");
        repository.createBookmark("session/1", change.id(), BY);
        reopen();
        assertEquals("only edited\n", main.read("edited.txt"));
        assertNull(main.read("kept.txt"));
        assertEquals("in a change\n", main.read("dir-less.txt"));
        assertEquals(change, repository.resolve("main"));
        assertEquals(
                List.of("main", "session/1"),
                repository.bookmarks().stream().map(Bookmark::name).toList());
        assertEquals(2, repository.edits("main").size());
    }

    @Test
    void twoSessionsDoNotMix() throws PosixException {
        main.write("shared.txt", "base\n");
        ChangeId base = checkpoint("main", "base").change().id();
        repository.createBookmark("session/1", base, BY);
        repository.createBookmark("session/2", base, BY);
        LiveFiles one = new LiveFiles(repository.workspace("session/1"));
        LiveFiles two = new LiveFiles(repository.workspace("session/2"));
        one.write("shared.txt", "one\n");
        two.write("shared.txt", "two\n");
        checkpoint("session/1", "one");
        checkpoint("session/2", "two");
        repository.undo("session/1", 0, BY);
        assertEquals("base\n", one.read("shared.txt"));
        assertEquals("two\n", two.read("shared.txt"));
        assertEquals("base\n", main.read("shared.txt"));
    }

    @Test
    void aMergeJoinsLinesAndFollowsRenames() throws PosixException {
        main.write("text.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        main.write("old-name.txt", "moved\n");
        ChangeId base = checkpoint("main", "base").change().id();
        repository.createBookmark("side", base, BY);
        LiveFiles side = new LiveFiles(repository.workspace("side"));
        side.write("text.txt", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n");
        side.rename("old-name.txt", "new-name.txt");
        checkpoint("side", "side");
        main.write("text.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
        main.write("old-name.txt", "moved and edited\n");
        repository.merge(new MergeRequest("main", "side", false, "joined", null, null), BY);
        assertEquals("one\n2\n3\n4\n5\n6\n7\n8\nnine\n", main.read("text.txt"));
        assertNull(main.read("old-name.txt"));
        assertEquals("moved and edited\n", main.read("new-name.txt"));
        Change merged = repository.resolve("main");
        assertEquals("joined", merged.message());
        assertEquals(2, merged.parents().size());
        assertTrue(repository
                .merge(new MergeRequest("main", "side", false, null, null, null), BY)
                .noOp());
    }

    @Test
    void aConflictIsRefusedAndNothingMoves() throws PosixException {
        main.write("text.txt", "base\n");
        ChangeId base = checkpoint("main", "base").change().id();
        repository.createBookmark("side", base, BY);
        new LiveFiles(repository.workspace("side")).write("text.txt", "theirs\n");
        main.write("text.txt", "ours\n");
        Change before = repository.resolve("main");
        MergeConflictException conflict = assertThrows(
                MergeConflictException.class,
                () -> repository.merge(new MergeRequest("main", "side", true, null, null, null), BY));
        assertEquals("text.txt", conflict.paths().get(0).conflict().path().toString());
        assertEquals(before, repository.resolve("main"));
        assertEquals("ours\n", main.read("text.txt"));
        assertEquals(base, repository.bookmark("side").change());
        assertEquals("theirs\n", new LiveFiles(repository.workspace("side")).read("text.txt"));
    }

    @Test
    void expectedStatesAreChecked() throws PosixException {
        main.write("a", "1");
        ChangeId first = checkpoint("main", "first").change().id();
        main.write("a", "2");
        CheckpointRequest stale =
                new CheckpointRequest("late", ImmutableList.of(), ImmutableMap.of(), ChangeId.VIRTUAL_ROOT, false);
        assertEquals(Kind.STALE, refused(() -> repository.checkpoint("main", stale, BY)));
        assertEquals(Kind.STALE, refused(() -> repository.moveBookmark("main", first, ChangeId.VIRTUAL_ROOT, BY)));
        assertEquals("2", main.read("a"));
        assertEquals(first, repository.bookmark("main").change());
    }

    @Test
    void metadataAreTrailers() throws PosixException {
        main.write("a", "1");
        CheckpointRequest request = new CheckpointRequest(
                "prompt: add login",
                ImmutableList.of(Person.parse("Ada <ada@example.org>")),
                ImmutableMap.of("run", "42", "tool", "editor"),
                null,
                false);
        Change change = repository.checkpoint("main", request, BY).change();
        assertEquals("prompt: add login\n\nrun: 42\ntool: editor", change.message());
        assertEquals(ImmutableMap.of("run", "42", "tool", "editor"), Metadata.parse(change.message()));
        assertEquals("Ada <ada@example.org>", change.authors().get(0).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "a//b",
                "/a",
                "a/",
                "a/../b",
                "-a",
                ".a",
                "@a",
                "a/.b",
                "x.lock",
                "a\u0000b",
                "a\nb",
                "a\\b",
                "e\u0301",
                "main/below",
                "MAIN"
            })
    void badBookmarkNamesAreRefused(String name) {
        assertEquals(Kind.INVALID, refused(() -> repository.createBookmark(name, ChangeId.VIRTUAL_ROOT, BY)));
        assertEquals(1, repository.bookmarks().size());
    }

    @Test
    void longAndTakenNamesAreRefused() {
        String part = "p".repeat(Names.PART_BYTES_MAX);
        repository.createBookmark(part, ChangeId.VIRTUAL_ROOT, BY);
        assertEquals(Kind.INVALID, refused(() -> repository.createBookmark(part + "p", ChangeId.VIRTUAL_ROOT, BY)));
        assertEquals(Kind.ALREADY_EXISTS, refused(() -> repository.createBookmark(part, ChangeId.VIRTUAL_ROOT, BY)));
        repository.createBookmark("a/b/c", ChangeId.VIRTUAL_ROOT, BY);
        assertEquals(Kind.INVALID, refused(() -> repository.createBookmark("a/b", ChangeId.VIRTUAL_ROOT, BY)));
        assertEquals(Kind.NOT_FOUND, refused(() -> repository.bookmark("nobody")));
        assertEquals(Kind.NOT_FOUND, refused(() -> store.repository("nobody")));
        assertEquals(Kind.INVALID, refused(() -> store.createRepository("No Spaces", "main", BY)));
        assertEquals(Kind.INVALID, refused(() -> store.createRepository("repos", "main", BY)));
        assertEquals(Kind.ALREADY_EXISTS, refused(() -> store.createRepository("project", "main", BY)));
    }

    @Test
    void aTreeGoesInAndComesOutEqual() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.createDirectories(source.resolve("a/b"));
        Files.writeString(source.resolve("a/b/text.txt"), "hello\n");
        Files.writeString(source.resolve("run.sh"), "#!/bin/sh\n");
        Files.setAttribute(source.resolve("run.sh"), "unix:mode", 0755);
        Files.write(source.resolve("big"), new byte[300_000]);
        Files.createSymbolicLink(source.resolve("link"), Path.of("a/b/text.txt"));
        Files.createLink(source.resolve("a/hard"), source.resolve("run.sh"));
        CheckpointResult imported = repository.importTree("main", source, "import", BY, (files, bytes) -> {});
        assertNotEquals(0, imported.files());
        assertEquals("hello\n", main.read("a/b/text.txt"));
        Path copy = folder.resolve("copy");
        repository.exportTree(repository.resolve("main").root(), copy, (files, bytes) -> {});
        Path archive = folder.resolve("copy.tar.gz");
        repository.exportTree(repository.resolve("main").root(), archive, (files, bytes) -> {});
        assertEquals(
                Files.getAttribute(copy.resolve("run.sh"), "unix:ino"),
                Files.getAttribute(copy.resolve("a/hard"), "unix:ino"));
        assertEquals(0755, (int) Files.getAttribute(copy.resolve("run.sh"), "unix:mode") & 0777);
        assertEquals(Path.of("a/b/text.txt"), Files.readSymbolicLink(copy.resolve("link")));
        assertEquals(Files.getLastModifiedTime(source.resolve("big")), Files.getLastModifiedTime(copy.resolve("big")));
        assertEquals(-1, Files.mismatch(source.resolve("big"), copy.resolve("big")));
        assertTrue(repository
                        .importTree("main", copy, "again", BY, (files, bytes) -> {})
                        .files()
                == 0);
        repository.importTree("main", archive, "archive", BY, (files, bytes) -> {});
        assertEquals("hello\n", main.read("a/b/text.txt"));
        assertEquals("#!/bin/sh\n", main.read("a/hard"));
        assertEquals(
                Kind.ALREADY_EXISTS,
                refused(() -> repository.exportTree(repository.resolve("main").root(), copy, (files, bytes) -> {})));
    }

    @Test
    void verbsOfManyThreadsLoseNothing() throws Exception {
        int threads = 8;
        int rounds = 12;
        for (int i = 0; i < threads; i++) {
            repository.createBookmark("session/" + i, ChangeId.VIRTUAL_ROOT, BY);
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String bookmark = "session/" + i;
            String own = "file-" + i;
            Callable<?> session = () -> {
                LiveFiles files = new LiveFiles(repository.workspace(bookmark));
                for (int round = 0; round < rounds; round++) {
                    files.write(own, "round " + round);
                    checkpoint(bookmark, "round " + round);
                    if (round % 4 == 3) {
                        repository.merge(new MergeRequest("main", bookmark, false, null, null, null), BY);
                    }
                }
                return null;
            };
            running.add(pool.submit(session));
        }
        for (Future<?> session : running) {
            session.get();
        }
        pool.shutdown();
        for (int i = 0; i < threads; i++) {
            assertEquals("round " + (rounds - 1), main.read("file-" + i));
            Change head = repository.resolve("session/" + i);
            assertEquals(rounds, repository.log(head, 0, 1000).size());
        }
        int merges = threads * rounds / 4;
        assertEquals(
                threads * rounds + merges,
                repository.log(repository.resolve("main"), 0, 10_000).size());
    }

    @Test
    void aSecondStoreOnTheSameFolderIsRefused() {
        assertEquals(Kind.IN_USE, refused(() -> Store.open(folder.resolve("data"), InstantSource.system())));
    }

    @Test
    void aDeletedRepositoryIsGone() throws PosixException {
        main.write("a", "1");
        store.deleteRepository("project", BY);
        assertEquals(Kind.NOT_FOUND, refused(() -> store.repository("project")));
        assertEquals(List.of(), store.repositoryNames());
        store.createRepository("project", "main", BY);
        assertNull(new LiveFiles(store.repository("project").workspace("main")).read("a"));
    }
}

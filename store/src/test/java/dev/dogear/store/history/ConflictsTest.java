package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Verbs.MergePreview;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictHunks;
import dev.dogear.store.tree.conflict.Resolution.Take;
import dev.dogear.store.tree.conflict.RootObjects;
import dev.dogear.store.workspace.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Conflicts as data: each kind is stored, shown, listed, resolved and checked; merges made in other ways. */
class ConflictsTest {
    @TempDir
    Path data;

    private LiveStore store;
    private Repository repository;

    @BeforeEach
    void begin() throws PosixException {
        store = new LiveStore(data.resolve("data"));
        repository = store.repository();
        LiveFiles files = store.files("main");
        files.write("a", "1\n2\n3\n");
        files.write("b", "\0binary");
        files.write("d/x", "x\n");
        files.symlink("s", "target");
        store.checkpoint("main", "first");
        fork("side");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private void fork(String bookmark) {
        repository.createBookmark(bookmark, repository.bookmark("main").change(), BY);
    }

    private static MergeRequest request(String target, String source, Merging.How how) {
        return new MergeRequest(target, source, false, null, null, null, how);
    }

    private MergeResult merge(String target, String source) {
        return repository.merge(
                request(target, source, new Merging.How(true, false, ImmutableList.of(), ImmutableList.of())), BY);
    }

    private List<String> conflicts(String bookmark) {
        return repository.conflicts(repository.liveRoot(bookmark)).values().stream()
                .map(conflict -> conflict.text() + " " + conflict.path())
                .toList();
    }

    private void resolve(String bookmark, String path, Take take) {
        answer(bookmark, new Merging.Answer(TreePath.parse(path), take, null, ImmutableMap.of()));
    }

    private void answer(String bookmark, Merging.Answer answer) {
        repository.resolve(bookmark, List.of(answer), BY);
    }

    /** What one side does. */
    interface Edit {
        void on(LiveFiles files) throws PosixException;
    }

    /** A row of the merge rules that has no single answer, and where it shows. */
    record Row(String conflict, Edit ours, Edit theirs) {
        String path() {
            return conflict.substring(conflict.lastIndexOf(' ') + 1);
        }

        @Override
        public String toString() {
            return conflict;
        }
    }

    private static Edit write(String path, String text) {
        return files -> files.write(path, text);
    }

    private static Edit delete(String path) {
        return files -> files.delete(path);
    }

    private static Edit move(String from, String to) {
        return files -> files.rename(from, to);
    }

    private static Edit xattr(String path, String value) {
        return files -> files.xattr(path, "user.k", value);
    }

    private static Edit link(String path, String target) {
        return files -> {
            if (files.all().containsKey(path)) {
                files.delete(path);
            }
            files.symlink(path, target);
        };
    }

    private static Edit relink(String path, String target) {
        return files -> {
            files.delete(path);
            files.symlink(path, target);
        };
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row("content a", write("a", "1\nours\n3\n"), write("a", "1\ntheirs\n3\n")),
                new Row("binary b", write("b", "\0ours"), write("b", "\0theirs")),
                new Row("target s", relink("s", "ours"), relink("s", "theirs")),
                new Row("type a", link("a", "ours"), write("a", "1\ntheirs\n3\n")),
                new Row("mode a", files -> files.chmod("a", 0600), files -> files.chmod("a", 0755)),
                new Row("attribute a", xattr("a", "ours"), xattr("a", "theirs")),
                new Row("add/add n", write("n", "ours\n"), write("n", "theirs\n")),
                new Row("add/add n", link("n", "ours"), write("n", "theirs\n")),
                new Row("modify/delete a", write("a", "1\nours\n3\n"), delete("a")),
                new Row("modify/delete a", delete("a"), write("a", "1\ntheirs\n3\n")),
                new Row("modify/delete a", files -> files.chmod("a", 0755), delete("a")),
                new Row("rename/delete e", move("a", "e"), delete("a")),
                new Row("rename/delete e", move("d", "e"), files -> {
                    files.delete("d/x");
                    files.delete("d");
                }),
                new Row("rename/rename c", move("a", "c"), move("a", "e")),
                new Row("rename/rename c", move("d", "c"), move("d", "e")),
                new Row("add/add c", move("a", "c"), move("b", "c")),
                new Row("add/add c", move("a", "c"), write("c", "theirs\n")),
                new Row("file/directory n~main", write("n", "ours\n"), write("n/in", "theirs\n")),
                new Row("file/directory n~side", write("n/in", "ours\n"), write("n", "theirs\n")));
    }

    private MergeResult conflicted(Row row) throws PosixException {
        row.ours().on(store.files("main"));
        row.theirs().on(store.files("side"));
        assertThrows(
                MergeConflictException.class, () -> repository.merge(request("main", "side", Merging.How.PLAIN), BY));
        MergePreview preview = repository.previewMerge(
                request("main", "side", new Merging.How(true, false, ImmutableList.of(), ImmutableList.of())), BY);
        assertEquals(1, preview.conflicts().size());
        MergeResult merged = merge("main", "side");
        assertNotNull(merged.change().root().conflicts());
        assertEquals(List.of(row.conflict()), conflicts("main"));
        return merged;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyKindIsStoredListedAndResolvedByEachSide(Row row) throws PosixException {
        Change merged = conflicted(row).change();
        store.files("main").write("other", "an edit elsewhere\n");
        store.checkpoint("main", "while conflicted");
        assertEquals(List.of(row.conflict()), conflicts("main"), "edits elsewhere leave it");
        for (Take take : Take.values()) {
            repository.moveBookmark("main", merged.id(), null, BY);
            assertEquals(List.of(row.conflict()), conflicts("main"), "it came back with its change");
            if (take == Take.BASE && row.conflict().startsWith("file/directory")) {
                assertThrows(StoreException.class, () -> resolve("main", row.path(), take));
                continue;
            }
            resolve("main", row.path(), take);
            assertEquals(List.of(), conflicts("main"), take::toString);
            assertFalse(repository.edits("main").isEmpty(), "an answer is an edit");
            assertNull(store.checkpoint("main", "resolved").root().conflicts());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyKindIsSettledByWritingThePath(Row row) throws PosixException {
        conflicted(row);
        LiveFiles files = store.files("main");
        if (row.conflict().startsWith("mode")) {
            files.chmod(row.path(), 0644);
        } else {
            deleteAll(files, row.path());
            assertEquals(List.of(), conflicts("main"), "deleted");
            repository.undo("main", 0, BY);
            assertEquals(List.of(row.conflict()), conflicts("main"), "undone");
            if (files.read(row.path()) == null) {
                deleteAll(files, row.path());
            }
            files.write(row.path(), "the answer\n");
        }
        assertEquals(List.of(), conflicts("main"));
        store.checkpoint("main", "settled");
    }

    private static void deleteAll(LiveFiles files, String path) throws PosixException {
        for (String below : files.all().keySet()) {
            if (below.startsWith(path + "/") && !below.endsWith("/")) {
                files.delete(below);
            }
        }
        files.delete(path);
    }

    @Test
    void textShowsMarkersUntilTheyAreGone() throws PosixException {
        conflicted(rows().findFirst().orElseThrow());
        LiveFiles files = store.files("main");
        String shown = "1\n<<<<<<< main\nours\n||||||| base\n2\n=======\ntheirs\n>>>>>>> side\n3\n";
        assertEquals(shown, files.read("a"));
        files.write("a", shown.replace("ours", "ours edited"));
        assertEquals(List.of("content a"), conflicts("main"), "markers are left");
        files.rename("a", "renamed");
        assertEquals(List.of("content renamed"), conflicts("main"), "it goes along");
        files.write("renamed", "1\nboth\n3\n");
        assertEquals(List.of(), conflicts("main"));
    }

    private static ObjectId content(@Nullable TreeEntry entry) {
        return Objects.requireNonNull(Objects.requireNonNull(entry).content()).id();
    }

    @Test
    void theRootTellsAllItRefersTo() throws PosixException {
        conflicted(rows().findFirst().orElseThrow());
        Root root = repository.liveRoot("main");
        Set<ObjectId> ids = new HashSet<>();
        RootObjects.visit(repository.objects(), root, ids::add);
        Conflict conflict = Objects.requireNonNull(repository.conflicts(root).get(TreePath.parse("a")));
        Stream.of(conflict.bases(), conflict.sides())
                .flatMap(List::stream)
                .forEach(version -> assertTrue(ids.contains(content(version.entry()))));
        assertTrue(ids.contains(content(root.conflicts())));
        ids.forEach(id -> assertTrue(repository.objects().contains(id)));
    }

    @Test
    void hunksAreAnsweredOneByOne() throws PosixException {
        store.files("main").write("a", "ours\n2\nours\n");
        store.files("side").write("a", "theirs\n2\ntheirs\n");
        MergeConflictException refused = assertThrows(
                MergeConflictException.class, () -> repository.merge(request("main", "side", Merging.How.PLAIN), BY));
        List<ConflictHunks.Hunk> hunks = refused.paths().get(0).hunks();
        assertEquals(2, hunks.size());
        ImmutableMap<String, Merging.HunkAnswer> answers = ImmutableMap.of(
                hunks.get(0).id(), new Merging.HunkAnswer(Take.THEIRS, null),
                hunks.get(1).id(), new Merging.HunkAnswer(null, "new\n".getBytes(StandardCharsets.UTF_8)));
        Merging.Answer part = new Merging.Answer(
                TreePath.parse("a"),
                null,
                null,
                ImmutableMap.of(hunks.get(0).id(), new Merging.HunkAnswer(Take.OURS, null)));
        assertThrows(StoreException.class, () -> repository.merge(answered(part), BY), "a hunk is not covered");
        repository.merge(answered(new Merging.Answer(TreePath.parse("a"), null, null, answers)), BY);
        assertEquals("theirs\n2\nnew\n", store.files("main").read("a"));
        assertEquals(List.of(), conflicts("main"));
    }

    private static MergeRequest answered(Merging.Answer answer) {
        return request("main", "side", new Merging.How(false, false, ImmutableList.of(), ImmutableList.of(answer)));
    }

    @Test
    void aConflictMergedAgainDoesNotNest() throws PosixException {
        fork("third");
        conflicted(rows().findFirst().orElseThrow());
        store.files("third").write("a", "1\nthird\n3\n");
        merge("main", "third");
        String shown = store.files("main").read("a");
        assertEquals(
                "1\n<<<<<<< main\nours\n||||||| base\n2\n=======\ntheirs\n||||||| base\n2\n=======\nthird\n>>>>>>> third\n3\n",
                shown);
        resolve("main", "a", Take.THEIRS);
        assertEquals("1\ntheirs\n3\n", store.files("main").read("a"));
    }

    @Test
    void conflictsGoWhenTheirTermsCancel() throws PosixException {
        conflicted(rows().findFirst().orElseThrow());
        // The source takes our side: what it was is taken away, and ours twice is ours.
        store.files("side").write("a", "1\nours\n3\n");
        merge("main", "side");
        assertEquals(List.of(), conflicts("main"));
        assertEquals("1\nours\n3\n", store.files("main").read("a"));
    }

    @Test
    void anAnswerMadeElsewhereIsMerged() throws PosixException {
        conflicted(rows().skip(1).findFirst().orElseThrow());
        fork("answer");
        resolve("answer", "b", Take.OURS);
        store.checkpoint("answer", "what showed was right");
        repository.merge(request("main", "answer", Merging.How.PLAIN), BY);
        assertEquals(List.of(), conflicts("main"));
    }

    @Test
    void aProtectedBookmarkTakesNoConflicts() throws PosixException {
        rows().findFirst().orElseThrow().ours().on(store.files("main"));
        rows().findFirst().orElseThrow().theirs().on(store.files("side"));
        store.checkpoint("main", "ours");
        repository.protect("main", true);
        StoreException refused = assertThrows(StoreException.class, () -> merge("main", "side"));
        assertEquals(StoreException.Kind.FORBIDDEN, refused.kind());
        assertTrue(merge("side", "main").change().root().conflicts() != null, "another one does");
        assertThrows(StoreException.class, () -> merge("main", "side"), "a conflicted source does not come in");
        resolve("side", "a", Take.THEIRS);
        store.checkpoint("side", "resolved");
        repository.merge(request("main", "side", Merging.How.PLAIN), BY);
        assertEquals("1\nours\n3\n", store.files("main").read("a"));
        repository.protect("main", false);
    }

    @Test
    void chosenPathsAndSquashedMergesHaveOneParent() throws PosixException {
        store.files("side").write("a", "side\n");
        store.files("side").write("d/x", "side\n");
        store.files("side").write("n/new", "side\n");
        ChangeId before = repository.bookmark("main").change();
        Merging.How chosen = new Merging.How(
                false, false, ImmutableList.of(TreePath.parse("d"), TreePath.parse("n")), ImmutableList.of());
        MergePreview preview = repository.previewMerge(request("main", "side", chosen), BY);
        assertEquals(
                List.of("d/x", "n", "n/new"),
                preview.paths().stream().map(path -> path.path().toString()).toList());
        Change some = repository.merge(request("main", "side", chosen), BY).change();
        assertEquals(List.of(before), repository.parents(some));
        assertEquals("1\n2\n3\n", store.files("main").read("a"));
        assertEquals("side\n", store.files("main").read("d/x"));
        assertTrue(repository.merge(request("main", "side", chosen), BY).noOp());
        Merging.How squash = new Merging.How(false, true, ImmutableList.of(), ImmutableList.of());
        Change all = repository.merge(request("main", "side", squash), BY).change();
        assertEquals(List.of(some.id()), repository.parents(all));
        assertEquals("side\n", store.files("main").read("a"));
        repository.undo("main", 0, BY);
        assertEquals("1\n2\n3\n", store.files("main").read("a"));
    }

    @Test
    void overlapsAreFoundBeforeAnybodyCheckpoints() throws PosixException {
        fork("quiet");
        store.files("quiet").write("elsewhere", "quiet\n");
        store.files("main").write("a", "1\nours\n3\n");
        store.files("side").write("a", "1\ntheirs\n3\n");
        long operations = store.newest();
        List<Merging.Overlap> overlaps = repository.overlaps("main", other -> true);
        assertEquals(
                List.of("side"),
                overlaps.stream().map(Merging.Overlap::bookmark).toList());
        assertEquals("a", overlaps.get(0).conflicts().get(0).path().toString());
        assertEquals(List.of(), repository.overlaps("quiet", other -> true));
        assertEquals(List.of(), repository.overlaps("main", "quiet"::equals));
        assertEquals(operations, store.newest(), "nothing was done");
        assertEquals("1\nours\n3\n", store.files("main").read("a"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Take.class,
            names = {"OURS", "THEIRS"})
    void aCrissCrossConflictsOnlyWhereTheAnswersDiffer(Take second) throws PosixException {
        store.files("main").write("a", "1\nours\n3\n");
        Change ours = store.checkpoint("main", "ours");
        store.files("side").write("a", "1\ntheirs\n3\n");
        store.checkpoint("side", "theirs");
        repository.createBookmark("ours", ours.id(), BY);
        merge("main", "side");
        resolve("main", "a", Take.OURS);
        store.checkpoint("main", "took ours");
        // Merged the other way round: ours there is theirs here.
        merge("side", "ours");
        resolve("side", "a", second);
        store.checkpoint("side", "took " + second);
        merge("main", "side");
        if (second == Take.THEIRS) {
            assertEquals(List.of(), conflicts("main"), "both took the same");
            assertEquals("1\nours\n3\n", store.files("main").read("a"));
        } else {
            assertEquals(List.of("content a"), conflicts("main"));
            String shown = Objects.requireNonNull(store.files("main").read("a"));
            assertEquals(1, shown.split("<<<<<<<", -1).length - 1, shown);
        }
    }
}

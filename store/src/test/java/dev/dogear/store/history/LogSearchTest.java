package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.LogQuery;
import dev.dogear.store.change.Person;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.history.log.LogSearch;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which changes a search finds, and which change each line of a file comes from. */
class LogSearchTest {
    @TempDir
    Path data;

    private LiveStore store;
    private Repository repository;
    private LiveFiles files;

    @BeforeEach
    void begin() {
        store = new LiveStore(data.resolve("data"));
        repository = store.repository();
        files = store.files("main");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private Change checkpoint(String message, String author, String run) {
        return repository
                .checkpoint(
                        "main",
                        new CheckpointRequest(
                                message,
                                ImmutableList.of(new Person(author, author + "@example.org")),
                                ImmutableMap.of("run", run),
                                null,
                                true),
                        BY)
                .change();
    }

    private static LogQuery paths(String... paths) {
        ImmutableList.Builder<TreePath> parsed = ImmutableList.builder();
        for (String path : paths) {
            parsed.add(TreePath.parse(path));
        }
        return new LogQuery(parsed.build(), null, null, ImmutableMap.of(), null, null);
    }

    private static LogQuery text(
            @Nullable String author,
            @Nullable String message,
            @Nullable String run,
            @Nullable Instant since,
            @Nullable Instant until) {
        return new LogQuery(
                ImmutableList.of(),
                author,
                message,
                run == null ? ImmutableMap.of() : ImmutableMap.of("run", run),
                since,
                until);
    }

    /** Subjects of what is found, asked for in pages of two. */
    private List<String> found(LogQuery query) {
        List<String> subjects = new ArrayList<>();
        List<Change> from = List.of(repository.resolve("main"));
        while (!from.isEmpty()) {
            LogSearch.Found page = repository.search(from, query, 2);
            assertTrue(page.changes().size() <= 2);
            page.changes().forEach(change -> subjects.add(change.message().split("\n", 2)[0]));
            from = page.rest().stream().map(repository::change).toList();
        }
        return subjects;
    }

    private void threeChanges() throws PosixException {
        files.write("src/a.c", "a\n");
        files.write("doc/x", "x\n");
        checkpoint("one", "anna", "1");
        files.write("src/b.c", "b\n");
        checkpoint("two", "bert", "2");
        files.write("doc/x", "y\n");
        checkpoint("three", "anna", "3");
    }

    @Test
    void byPathAFileOrAllBelowADirectory() throws PosixException {
        threeChanges();
        assertEquals(List.of("three", "two", "one"), found(LogQuery.ALL));
        assertEquals(List.of("two", "one"), found(paths("src")));
        assertEquals(List.of("one"), found(paths("src/a.c")));
        assertEquals(List.of("three", "two", "one"), found(paths("src/b.c", "doc")));
        assertEquals(List.of(), found(paths("nowhere")));
        files.delete("src/a.c");
        checkpoint("four", "anna", "4");
        assertEquals(List.of("four", "one"), found(paths("src/a.c")));
    }

    @Test
    void byAuthorMessageMetadataAndTime() throws PosixException {
        threeChanges();
        assertEquals(List.of("three", "one"), found(text("ANNA", null, null, null, null)));
        assertEquals(List.of("two"), found(text("bert@", null, null, null, null)));
        assertEquals(List.of("three", "two"), found(text(null, "T", null, null, null)));
        assertEquals(List.of("two"), found(text(null, null, "2", null, null)));
        Instant second = repository.resolve("main~1").created();
        assertEquals(List.of("three", "two"), found(text(null, null, null, second, null)));
        assertEquals(List.of("one"), found(text(null, null, null, null, second)));
        assertEquals(List.of(), found(text("anna", null, "2", null, null)));
    }

    @Test
    void aMergeIsFoundOnlyIfItMadeSomethingOfItsOwn() throws PosixException {
        threeChanges();
        repository.createBookmark("side", repository.resolve("main~2").id(), BY);
        store.files("side").write("src/c.c", "c\n");
        store.checkpoint("side", "aside");
        repository.merge(new MergeRequest("main", "side", false, "joined", null, null), BY);
        assertEquals(List.of("aside"), found(paths("src/c.c")));
        assertEquals(5, found(LogQuery.ALL).size());
    }

    private List<String> annotated(String revision, String path) {
        return repository.annotate(repository.resolve(revision), TreePath.parse(path)).lines().stream()
                .map(line -> line.change().message().split("\n", 2)[0] + ": "
                        + new String(line.text(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void everyLineComesFromTheChangeThatWroteIt() throws PosixException {
        files.write("f", "1\n2\n3\n");
        checkpoint("one", "anna", "1");
        files.write("f", "1\ntwo\n3\n");
        checkpoint("two", "anna", "2");
        files.write("other", "x\n");
        checkpoint("three", "anna", "3");
        files.write("f", "0\n1\ntwo\n3\n");
        checkpoint("four", "anna", "4");
        assertEquals(List.of("four: 0", "one: 1", "two: two", "one: 3"), annotated("main", "f"));
        files.rename("f", "g");
        files.append("g", "end");
        checkpoint("five", "anna", "5");
        assertEquals(List.of("four: 0", "one: 1", "two: two", "one: 3", "five: end"), annotated("main", "g"));
        assertEquals(List.of("one: 1", "two: two", "one: 3"), annotated("main~2", "f"));
        assertThrows(StoreException.class, () -> annotated("main", "f"));
    }

    @Test
    void linesComeThroughAMergeFromBothSides() throws PosixException {
        files.write("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        Change base = store.checkpoint("main", "one");
        repository.createBookmark("side", base.id(), BY);
        store.files("side").write("f", "1\n2\n3\n4\n5\n6\n7\n8\nside\n");
        store.checkpoint("side", "aside");
        files.write("f", "main\n2\n3\n4\n5\n6\n7\n8\n9\n");
        store.checkpoint("main", "two");
        repository.merge(new MergeRequest("main", "side", false, "joined", null, null), BY);
        List<String> lines = annotated("main", "f");
        assertEquals("two: main", lines.get(0));
        assertEquals("one: 2", lines.get(1));
        assertEquals("aside: side", lines.get(8));
    }
}

package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Resolution.Take;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs on trees that are not of plain files: what programs have open or in memory shows what the verb says. */
final class OddTreesTest {
    @TempDir
    Path folder;

    private LiveStore store;
    private Repository repository;
    private LiveFiles main;

    @BeforeEach
    void open() {
        store = new LiveStore(folder.resolve("data"));
        repository = store.repository();
        main = store.files("main");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private LiveFiles fork(String bookmark) {
        repository.createBookmark(bookmark, repository.bookmark("main").change(), BY);
        return store.files(bookmark);
    }

    private void merge(String source, boolean conflicted) {
        Merging.How how = new Merging.How(conflicted, false, ImmutableList.of(), ImmutableList.of());
        repository.merge(new MergeRequest("main", source, false, null, null, null, how), BY);
    }

    /** A link or device is what it was made as for all its life, so what comes in its place is another file. */
    @Test
    void aMergeBringsWhatWasReplacedByTheOtherSide() throws PosixException {
        main.symlink("link", "old");
        main.symlink("becomes-file", "old");
        main.write("becomes-link", "text\n");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        for (String path : List.of("link", "becomes-file", "becomes-link")) {
            side.delete(path);
        }
        side.symlink("link", "new");
        side.write("becomes-file", "text\n");
        side.symlink("becomes-link", "new");
        Node held = main.open("link");
        main.open("becomes-file");
        main.open("becomes-link");
        merge("side", false);
        assertEquals("new", main.target("link"));
        assertNotEquals(held.fileId(), main.open("link").fileId());
        assertEquals("text\n", main.read("becomes-file"));
        assertEquals("new", main.target("becomes-link"));
        main.rename("link", "renamed");
        store.checkpoint("main", "the link is stored as it shows");
        assertEquals("new", main.target("renamed"));
        repository.undo("main", 0, BY);
        repository.undo("main", 0, BY);
        assertEquals("old", main.target("link"));
        assertEquals("text\n", main.read("becomes-link"));
    }

    @Test
    void anAnswerOfAnotherTypeIsAnotherFile() throws PosixException {
        main.write("a", "1\n");
        main.symlink("s", "old");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        main.delete("a");
        main.symlink("a", "ours");
        main.delete("s");
        main.symlink("s", "ours");
        side.write("a", "2\n");
        side.delete("s");
        side.symlink("s", "theirs");
        merge("side", true);
        assertEquals("ours", main.target("a"));
        answer("a", Take.THEIRS);
        answer("s", Take.THEIRS);
        assertEquals("2\n", main.read("a"));
        assertEquals("theirs", main.target("s"));
    }

    private void answer(String path, Take take) {
        repository.resolve(
                "main", List.of(new Merging.Answer(TreePath.parse(path), take, null, ImmutableMap.of())), BY);
    }

    /** A directory that both renamed goes where the answer has it, with the hard links in it. */
    @Test
    void anAnswerMovesADirectoryWithItsLinks() throws PosixException {
        main.write("d/a", "a\n");
        main.link("d/a", "d/b");
        main.link("d/a", "outside");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        main.rename("d", "ours");
        side.rename("d", "theirs");
        merge("side", true);
        answer("ours", Take.THEIRS);
        store.assertShows("main", "outside: a", "theirs/", "theirs/a: a", "theirs/b: a");
        main.write("outside", "b\n");
        store.assertShows("main", "outside: b", "theirs/", "theirs/a: b", "theirs/b: b");
        store.checkpoint("main", "resolved");
    }

    /** What came to the place of an answer meanwhile is not overwritten. */
    @Test
    void anAnswerOverwritesNothing() throws PosixException {
        main.write("a", "old\n");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        main.rename("a", "ours");
        side.rename("a", "theirs");
        merge("side", true);
        main.write("a", "something new\n");
        answer("ours", Take.BASE);
        assertEquals("something new\n", main.read("a"));
        assertNotNull(main.read("ours"));
    }

    /** The name beside which a file is moved out of a directory's way may be somebody's. */
    @Test
    void aFileThatIsMovedAsideOverwritesNothing() throws PosixException {
        main.write("n~side", "was there\n");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        main.write("n/in", "ours\n");
        side.write("n", "theirs\n");
        merge("side", true);
        store.assertShows("main", "n/", "n/in: ours", "n~side: was there", "n~side_0: theirs");
        answer("n~side_0", Take.THEIRS);
        store.assertShows("main", "n: theirs", "n~side: was there");
    }

    /** A conflict of a chosen path belongs to it wherever it shows. */
    @Test
    void aChosenPathBringsItsConflict() throws PosixException {
        main.write("a", "1\n");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        main.write("n/in", "ours\n");
        main.rename("a", "renamed");
        side.write("n", "theirs\n");
        side.delete("a");
        side.write("other", "other\n");
        for (String path : List.of("n", "a")) {
            assertThrows(MergeConflictException.class, () -> choose(path, false), path);
        }
        choose("n", true);
        store.assertShows("main", "n/", "n/in: ours", "n~side: theirs", "renamed: 1");
        answer("n~side", Take.THEIRS);
        store.assertShows("main", "n: theirs", "renamed: 1");
    }

    private void choose(String path, boolean conflicted) {
        Merging.How how =
                new Merging.How(conflicted, false, ImmutableList.of(TreePath.parse(path)), ImmutableList.of());
        repository.merge(new MergeRequest("main", "side", false, null, null, null, how), BY);
    }

    /** As one sorts a folder out: it is put aside, and what is wanted goes back into a new one. */
    @Test
    void aMergeFollowsWhatCameBackIntoANewFolder() throws PosixException {
        main.write("src/a", "a\n");
        main.write("src/b", "b\n");
        store.checkpoint("main", "first");
        LiveFiles side = fork("side");
        side.rename("src", "old");
        side.mkdir("src");
        side.rename("old/a", "src/a");
        main.write("src/b", "edited\n");
        main.write("other", "other\n");
        merge("side", false);
        store.assertShows("main", "old/", "old/b: edited", "other: other", "src/", "src/a: a");
    }

    /** Names swapped, directories within each other, long and strange names, folders that are empty: there and back. */
    @Test
    void oddTreesGoAndComeBack() throws PosixException {
        String wide = "\u00e9\u6f22\ud83d\ude00".repeat(28);
        main.write("a", "a\n");
        main.write("b", "b\n");
        main.write("d/x", "x\n");
        main.write("e/y", "y\n");
        main.link("a", "d/a");
        main.mkdir("empty/deep");
        main.write(wide + "/" + "n".repeat(255), "long\n");
        store.checkpoint("main", "first");
        Map<String, String> first = main.states();
        main.rename("a", "t");
        main.rename("b", "a");
        main.rename("t", "b");
        main.rename("d", "t");
        main.rename("e", "t/e");
        main.rename("t", "e");
        main.link("b", "e/e/b");
        main.delete("empty/deep");
        main.rename("empty", "e/empty");
        main.delete(wide + "/" + "n".repeat(255));
        main.rename(wide, "e/" + wide);
        main.symlink("d", "e");
        store.checkpoint("main", "second");
        Map<String, String> second = main.states();
        for (int i = 0; i < 2; i++) {
            repository.undo("main", 0, BY);
            assertEquals(first, main.states());
            repository.redo("main", BY);
            assertEquals(second, main.states());
        }
        LiveFiles side = fork("side");
        repository.moveBookmark(
                "side", repository.parents(repository.resolve("main")).get(0), null, BY);
        assertEquals(first, side.states());
        Merging.How squash = new Merging.How(false, true, ImmutableList.of(), ImmutableList.of());
        repository.merge(new MergeRequest("side", "main", false, null, null, null, squash), BY);
        assertEquals(second, side.states());
        UndoRequest back = new UndoRequest(
                0,
                first.keySet().stream()
                        .filter(path -> path.indexOf('/') == path.length() - 1 || !path.contains("/"))
                        .map(path -> TreePath.parse(path.replace("/", "")))
                        .collect(ImmutableList.toImmutableList()),
                false);
        repository.undo("side", back, BY);
        assertEquals(first, side.states());
    }
}

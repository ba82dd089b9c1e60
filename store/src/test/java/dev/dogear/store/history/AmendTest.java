package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Authoring.Amendment;
import dev.dogear.store.change.Authoring.FileWrite;
import dev.dogear.store.change.Authoring.NewChange;
import dev.dogear.store.change.Authoring.People;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Person;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes made of files sent whole, and changes amended below live directories. */
class AmendTest {
    @TempDir
    Path data;

    private LiveStore store;
    private Repository repository;
    private LiveFiles files;
    private Change first;
    private Change second;

    @BeforeEach
    void begin() throws PosixException {
        store = new LiveStore(data.resolve("data"));
        repository = store.repository();
        files = store.files("main");
        files.write("a.txt", "one\n");
        first = store.checkpoint("main", "first\n\nrun: 1");
        files.write("b.txt", "two\n");
        second = store.checkpoint("main", "second");
    }

    @AfterEach
    void check() {
        store.close();
    }

    private static FileWrite write(String path, String text) {
        return FileWrite.of(TreePath.parse(path), text.getBytes(StandardCharsets.UTF_8));
    }

    private static FileWrite deletion(String path) {
        return FileWrite.deletion(TreePath.parse(path));
    }

    private Change create(ChangeId base, FileWrite... written) {
        return repository.createChange(
                new NewChange(base, "made", ImmutableList.of(), null, ImmutableMap.of(), ImmutableList.copyOf(written)),
                BY);
    }

    private Change amend(Change change, FileWrite... written) {
        return repository.amend(Amendment.files(change.id(), written), BY);
    }

    private void moveTo(Change change) {
        repository.moveBookmark("main", change.id(), null, BY);
    }

    @Test
    void aChangeIsMadeOfFilesAndMovesNothing() throws PosixException {
        long newest = store.newest();
        Change made = create(second.id(), write("a.txt", "three\n"), write("d/e/f.txt", "new\n"), deletion("b.txt"));
        assertEquals(second.id(), repository.bookmark("main").change());
        assertEquals(newest, store.newest());
        store.assertShows("main", "a.txt: one", "b.txt: two");
        moveTo(made);
        store.assertShows("main", "a.txt: three", "d/", "d/e/", "d/e/f.txt: new");
        assertEquals(List.of(second.id()), repository.parents(made));
    }

    @Test
    void aChangeBeginsAtTheVirtualRoot() throws PosixException {
        Change made = create(ChangeId.VIRTUAL_ROOT, write("x", "alone\n"));
        moveTo(made);
        store.assertShows("main", "x: alone");
        assertEquals(
                first.root().directory().attributes().uid(),
                made.root().directory().attributes().uid());
        files.write("y", "edit\n");
        store.checkpoint("main", "on top");
        store.assertShows("main", "x: alone", "y: edit");
    }

    @Test
    void whatCannotBeIsRefused() {
        for (List<FileWrite> wrong : List.of(
                List.of(write("a.txt/x", "")),
                List.of(write("n", ""), write("n/x", "")),
                List.of(write("n", ""), write("n", "")))) {
            StoreException refused = assertThrows(
                    StoreException.class, () -> create(second.id(), wrong.toArray(FileWrite[]::new)), wrong::toString);
            assertEquals(Kind.INVALID, refused.kind());
        }
        StoreException missing = assertThrows(StoreException.class, () -> create(second.id(), deletion("n")));
        assertEquals(Kind.NOT_FOUND, missing.kind());
        assertThrows(StoreException.class, () -> create(ChangeId.random()));
        assertThrows(StoreException.class, () -> repository.amend(Amendment.message(ChangeId.VIRTUAL_ROOT, "no"), BY));
    }

    @Test
    void aFileGivesWayToADirectoryIfItIsDeletedWithIt() throws PosixException {
        moveTo(create(second.id(), deletion("a.txt"), write("a.txt/x", "below\n")));
        store.assertShows("main", "a.txt/", "a.txt/x: below", "b.txt: two");
    }

    @Test
    void oneOfSeveralNamesIsWrittenAndTheOthersStay() throws PosixException {
        files.link("a.txt", "l1");
        files.link("a.txt", "l2");
        Change linked = store.checkpoint("main", "links");
        Change made = create(linked.id(), write("l1", "apart\n"));
        moveTo(made);
        store.assertShows("main", "a.txt: one", "b.txt: two", "l1: apart", "l2: one");
        files.append("l2", "more\n");
        assertEquals("one\nmore\n", files.read("a.txt"));
        moveTo(create(made.id(), deletion("l2")));
        store.assertShows("main", "a.txt: one", "b.txt: two", "l1: apart");
    }

    @Test
    void aMessageIsAmendedBelowWhatFollowed() throws PosixException {
        repository.createBookmark("session/1", first.id(), BY);
        LiveFiles session = store.files("session/1");
        session.write("s", "session\n");
        Change inSession = store.checkpoint("session/1", "session");
        session.write("t", "edit\n");
        Person author = new Person("A", "a@example.org");
        Change amended = repository.amend(
                new Amendment(
                        first.id(),
                        null,
                        first.commitId(),
                        "better\n\nrun: 1",
                        new People(ImmutableList.of(author), null),
                        ImmutableMap.of("run", "2", "model", "m"),
                        ImmutableList.of(),
                        ImmutableList.of()),
                BY);
        assertEquals(first.id(), amended.id());
        assertEquals("better\n\nrun: 2\nmodel: m", amended.message());
        assertEquals(List.of(author), amended.authors());
        assertNotEquals(first.commit(), amended.commit());
        assertEquals(amended, repository.change(first.id()));
        for (Change each : List.of(second, inSession)) {
            Change rebased = repository.change(each.id());
            assertEquals(List.of(amended.commit()), rebased.parents());
            assertEquals(each.root(), rebased.root());
        }
        assertEquals(second.id(), repository.bookmark("main").change());
        store.assertShows("session/1", "a.txt: one", "s: session", "t: edit");
        assertEquals(1, repository.edits("session/1").size());
        assertEquals(List.of("second", "better\n\nrun: 2\nmodel: m"), messages("main"));
        assertEquals(Operation.Kind.AMEND, repository.operations(0, 1).get(0).kind());
    }

    private List<String> messages(String bookmark) {
        return repository.log(repository.resolve(bookmark), 0, 10).stream()
                .map(Change::message)
                .toList();
    }

    @Test
    void filesAreAmendedUnderLiveDirectoriesAndEditsStayEdits() throws PosixException {
        files.write("c.txt", "edit\n");
        amend(first, write("a.txt", "amended\n"), write("new", "new\n"));
        store.assertShows("main", "a.txt: amended", "b.txt: two", "c.txt: edit", "new: new");
        assertEquals(
                List.of("c.txt"),
                repository.edits("main").stream()
                        .map(change -> change.path().toString())
                        .toList());
        repository.undoOperation(store.newest(), false, BY);
        store.assertShows("main", "a.txt: one", "b.txt: two", "c.txt: edit");
        assertEquals(first, repository.change(first.id()));
        assertEquals(second, repository.change(second.id()));
        repository.redo("main", BY);
        store.assertShows("main", "a.txt: amended", "b.txt: two", "c.txt: edit", "new: new");
    }

    @Test
    void aConflictWithAnEditOrWithWhatFollowedChangesNothing() throws PosixException {
        files.write("a.txt", "edited\n");
        long newest = store.newest();
        assertThrows(MergeConflictException.class, () -> amend(first, write("a.txt", "amended\n")));
        store.assertShows("main", "a.txt: edited", "b.txt: two");
        store.checkpoint("main", "third");
        assertThrows(MergeConflictException.class, () -> amend(first, write("a.txt", "amended\n")));
        assertEquals(first, repository.change(first.id()));
        assertEquals(newest + 1, store.newest());
    }

    @Test
    void theCommitAmendedIsTheOneExpected() {
        Change amended = repository.amend(Amendment.message(second.id(), "other"), BY);
        StoreException stale = assertThrows(
                StoreException.class,
                () -> repository.amend(
                        new Amendment(
                                second.id(),
                                null,
                                second.commitId(),
                                "third",
                                People.SAME,
                                ImmutableMap.of(),
                                ImmutableList.of(),
                                ImmutableList.of()),
                        BY));
        assertEquals(Kind.STALE, stale.kind());
        assertEquals(amended, repository.change(second.id()));
        long newest = store.newest();
        repository.amend(Amendment.message(second.id(), "other"), BY);
        assertEquals(newest, store.newest(), "nothing to amend is no operation");
    }

    @Test
    void editsGoIntoTheLastChange() throws PosixException {
        repository.createBookmark("session/1", second.id(), BY);
        files.write("b.txt", "absorbed\n");
        Change amended = repository.amend(Amendment.absorbing(second.id(), "main"), BY);
        assertEquals(second.id(), amended.id());
        assertEquals(List.of(), repository.edits("main"));
        store.assertShows("session/1", "a.txt: one", "b.txt: absorbed");
        repository.undo("main", 0, BY);
        store.assertShows("main", "a.txt: one", "b.txt: absorbed");
        store.assertShows("session/1", "a.txt: one", "b.txt: two");
        assertEquals(1, repository.edits("main").size());
        assertEquals(second, repository.change(second.id()));
        repository.redo("main", BY);
        assertEquals(List.of(), repository.edits("main"));
        store.assertShows("session/1", "a.txt: one", "b.txt: absorbed");
        assertEquals(amended, repository.change(second.id()));
    }

    @Test
    void aMergeOnTopIsRebasedWithBothItsParents() throws PosixException {
        repository.createBookmark("session/1", first.id(), BY);
        store.files("session/1").write("s", "session\n");
        Change side = store.checkpoint("session/1", "session");
        Change merge = repository
                .merge(new MergeRequest("main", "session/1", true, null, null, null), BY)
                .change();
        amend(first, write("a.txt", "amended\n"));
        store.assertShows("main", "a.txt: amended", "b.txt: two", "s: session");
        Change rebased = repository.change(merge.id());
        assertEquals(List.of(second.id(), side.id()), repository.parents(rebased));
        assertEquals(
                List.of(
                        repository.change(second.id()).commit(),
                        repository.change(side.id()).commit()),
                rebased.parents());
    }

    @Test
    void anUndoOfCheckpointsGoesBackOverAnAmendment() throws PosixException {
        amend(first, write("a.txt", "amended\n"));
        repository.undo("main", 1, BY);
        store.assertShows("main", "a.txt: one");
        assertEquals(first, repository.change(first.id()));
        repository.redo("main", BY);
        store.assertShows("main", "a.txt: amended", "b.txt: two");
        assertEquals(
                repository.resolve("main").commit(),
                repository.change(second.id()).commit());
    }

    @Test
    void anAmendmentIsTakenOutOfWhatFollowed() throws PosixException {
        amend(second, write("n", "amended\n"));
        long amendment = store.newest();
        files.write("c.txt", "three\n");
        store.checkpoint("main", "third");
        repository.undoOperation(amendment, false, BY);
        store.assertShows("main", "a.txt: one", "b.txt: two", "c.txt: three");
    }

    @Test
    void aChangeNobodyPointsAtIsAmendedAndThatIsUndone() {
        Change made = create(second.id(), write("x", "1\n"));
        Change amended = amend(made, write("x", "2\n"));
        assertEquals(amended, repository.change(made.id()));
        repository.undoOperation(store.newest(), false, BY);
        assertEquals(made, repository.change(made.id()));
    }

    @Test
    void amendmentsAtTheSameTimeLoseNothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Callable<Change>> verbs = List.of(
                () -> repository.amend(Amendment.files(first.id(), write("w", "1\n")), BY),
                () -> repository.amend(Amendment.files(first.id(), write("x", "2\n")), BY),
                () -> repository.amend(Amendment.files(second.id(), write("y", "3\n")), BY),
                () -> store.checkpoint("main", "meanwhile"));
        files.write("z", "4\n");
        for (Future<Change> each : threads.invokeAll(verbs)) {
            each.get();
        }
        threads.shutdown();
        store.assertShows("main", "a.txt: one", "b.txt: two", "w: 1", "x: 2", "y: 3", "z: 4");
    }
}

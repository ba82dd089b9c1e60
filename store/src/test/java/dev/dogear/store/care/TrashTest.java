package dev.dogear.store.care;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.proposal.Proposal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was deleted comes back within its retention, and goes for good after it. */
final class TrashTest {
    @TempDir
    Path data;

    @Test
    void aDeletedRepositoryComesBackWithItsEdits() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            store.files("main").write("a", "one\n");
            store.checkpoint("main", "one");
            store.files("main").write("a", "edited\n");
            String id = store.repository().id();
            store.store().deleteRepository("project", CaredStore.BY);
            assertEquals(List.of(), store.store().repositoryNames());
            store.store().createRepository("project", "main", CaredStore.BY);
            store.reopen();
            assertEquals(1, store.store().deletedRepositories().size());
            StoreException taken =
                    assertThrows(StoreException.class, () -> store.store().restoreRepository("project", null));
            assertEquals(Kind.ALREADY_EXISTS, taken.kind());
            store.store().restoreRepository(id, "old");
            assertEquals(List.of("old", "project"), store.store().repositoryNames());
            store.reopen();
            assertEquals(List.of(), store.store().deletedRepositories());
            Repository old = store.store().repository("old");
            assertEquals(id, old.id());
            assertEquals("edited\n", new LiveFiles(old.workspace("main")).read("a"));
            store.store().deleteRepository("project", CaredStore.BY);
            store.store().restoreRepository("project", null);
        }
    }

    @Test
    void afterItsRetentionItIsGone() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository doomed = store.store().createRepository("doomed", "main", CaredStore.BY);
            Path folder = data.resolve("repos").resolve(doomed.id());
            store.store().deleteRepository("doomed", CaredStore.BY);
            store.later(Duration.ofDays(29));
            assertEquals(0, store.store().emptyTrash());
            store.later(Duration.ofDays(2));
            Caretaker.round(store.store());
            assertFalse(Files.exists(folder));
            StoreException gone =
                    assertThrows(StoreException.class, () -> store.store().restoreRepository("doomed", null));
            assertEquals(Kind.NOT_FOUND, gone.kind());
        }
    }

    @Test
    void expiredBookmarksAreDeletedAndStayOnceTheyCameBack() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            for (String name : List.of("session/1", "session/2", "session/kept")) {
                Duration life = Duration.ofDays(name.endsWith("2") ? 9 : 7);
                repository.createBookmark(
                        new Verbs.NewBookmark(name, repository.bookmark("main").change(), "main", life), CaredStore.BY);
            }
            repository.protect("session/kept", true);
            store.files("session/1").write("x", "an edit\n");
            store.later(Duration.ofDays(8));
            store.reopen();
            repository = store.repository();
            Caretaker.expire(store.store());
            assertEquals(List.of("main", "session/2", "session/kept"), names(repository));
            repository.undo("session/1", 0, CaredStore.BY);
            assertEquals("an edit\n", store.files("session/1").read("x"));
            Caretaker.expire(store.store());
            assertEquals(List.of("main", "session/1", "session/2", "session/kept"), names(repository));
            int number = repository.bookmark("session/1").number();
            assertNull(repository.facts().expiry(number));
            assertEquals(
                    "main", requireNonNull(repository.facts().origin(number)).bookmark());
        }
    }

    @Test
    void anExpiryIsSeenHoweverOftenThereWasNone() {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            ChangeId main = repository.bookmark("main").change();
            for (int days : new int[] {9, 7, 11}) {
                Caretaker.expire(store.store());
                repository.createBookmark(
                        new Verbs.NewBookmark("of-" + days, main, "main", Duration.ofDays(days)), CaredStore.BY);
            }
            store.later(Duration.ofDays(8));
            Caretaker.expire(store.store());
            assertEquals(List.of("main", "of-11", "of-9"), names(repository));
            store.later(Duration.ofDays(2));
            Caretaker.expire(store.store());
            assertEquals(List.of("main", "of-11"), names(repository));
            repository.undo("of-9", 0, CaredStore.BY);
            store.later(Duration.ofDays(2));
            Caretaker.expire(store.store());
            assertEquals(List.of("main", "of-9"), names(repository));
        }
    }

    @Test
    void anExpiryThatIsSetLaterIsSeen() {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            int number = repository
                    .createBookmark("late", repository.bookmark("main").change(), CaredStore.BY)
                    .number();
            Caretaker.expire(store.store());
            repository.upkeep().expire(number, Duration.ofDays(2));
            Caretaker.expire(store.store());
            repository.upkeep().expire(number, Duration.ofDays(1));
            store.later(Duration.ofHours(25));
            Caretaker.expire(store.store());
            assertEquals(List.of("main"), names(repository));
        }
    }

    @Test
    void whatIsKnownOfABookmarkGoesWithTheLastOperationThatHasIt() {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            int gone = store.repository()
                    .createBookmark("gone", repository.bookmark("main").change(), CaredStore.BY)
                    .number();
            repository.deleteBookmark("gone", null, CaredStore.BY);
            store.keepNothing();
            int kept = repository
                    .createBookmark("kept", repository.bookmark("main").change(), CaredStore.BY)
                    .number();
            repository.deleteBookmark("kept", null, CaredStore.BY);
            store.collect();
            assertNull(repository.facts().origin(gone));
            assertNotNull(repository.facts().origin(kept), "its deletion can be undone");
            assertNotNull(repository.facts().origin(repository.bookmark("main").number()));
        }
    }

    private static List<String> names(Repository repository) {
        return repository.bookmarks().stream().map(Bookmark::name).toList();
    }

    @Test
    void idleBookmarksAreDeletedAndComeBack() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            Repository repository = store.repository();
            repository.configure(Map.of("bookmark.idle", "7d", "bookmark.clean-up", "session/*"));
            for (String name : List.of(
                    "session/idle", "session/edited", "session/moved", "session/kept", "session/proposed", "other")) {
                repository.createBookmark(name, repository.bookmark("main").change(), CaredStore.BY);
            }
            repository.protect("session/kept", true);
            repository.propose("session/proposed", "main", "", new Proposal.Who("ann", "user:ann"));
            store.files("session/edited").write("x", "an edit\n");
            store.later(Duration.ofDays(8));
            store.files("session/moved").write("x", "a change\n");
            store.checkpoint("session/moved", "moved");
            assertEquals(
                    List.of("other", "session/idle", "session/kept", "session/proposed"),
                    repository.upkeep().idle(Duration.ofDays(7), "main").stream()
                            .map(Bookmark::name)
                            .toList());
            Caretaker.round(store.store());
            assertEquals(
                    List.of("main", "other", "session/edited", "session/kept", "session/moved", "session/proposed"),
                    repository.bookmarks().stream().map(Bookmark::name).toList());
            Operation last = repository.operations(0, 1).get(0);
            assertEquals(Operation.Kind.DELETE_BOOKMARK, last.kind());
            assertEquals(Caretaker.BY, last.by());
            repository.undo("session/idle", 0, CaredStore.BY);
            assertEquals(7, repository.bookmarks().size());
        }
    }
}

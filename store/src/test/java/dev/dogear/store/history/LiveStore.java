package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A store with one repository, {@code project}, for tests of verbs on live workspaces. Closing it checks all it holds. */
final class LiveStore implements AutoCloseable {
    static final String BY = "tester";

    private final Path data;
    private final Store store;
    private final Repository repository;
    private boolean closed;

    LiveStore(Path data) {
        this.data = data;
        this.store = Store.open(data, InstantSource.system());
        this.repository = store.createRepository("project", "main", BY);
    }

    private LiveStore(Path data, Store store) {
        this.data = data;
        this.store = store;
        this.repository = store.repository("project");
    }

    /** The one that was made there and closed. */
    static LiveStore reopen(Path data) {
        return new LiveStore(data, Store.open(data, InstantSource.system()));
    }

    Repository repository() {
        return repository;
    }

    LiveFiles files(String bookmark) {
        return new LiveFiles(repository.workspace(bookmark));
    }

    Change checkpoint(String bookmark, String message) {
        return repository
                .checkpoint(bookmark, CheckpointRequest.of(message), BY)
                .change();
    }

    /** The number of the newest operation. */
    long newest() {
        return repository.operations(0, 1).get(0).number();
    }

    /** Every path a bookmark shows: {@code folder/}, and {@code file: text} for one of the line {@code text}. */
    void assertShows(String bookmark, String... paths) throws PosixException {
        List<String> shown = new ArrayList<>();
        files(bookmark)
                .all()
                .forEach((path, text) -> shown.add(path.endsWith("/") ? path : path + ": " + text.strip()));
        assertEquals(List.of(paths), shown);
    }

    /** For a store that was made unsound on purpose; to be closed no more. */
    void closeUnchecked() {
        store.close();
        closed = true;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
        try (Store again = Store.open(data, InstantSource.system())) {
            assertEquals(List.of(), StoreCheck.run(again).problems());
        }
    }
}

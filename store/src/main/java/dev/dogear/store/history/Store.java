package dev.dogear.store.history;

import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The data folder: all repositories of one daemon. One process at a time. */
public final class Store implements AutoCloseable {
    /**
     * Opens the data folder, makes it if it is not there.
     *
     * @throws dev.dogear.store.StoreException IN_USE if another process has it open; NEWER_FORMAT; CORRUPT
     */
    public static Store open(Path data, InstantSource clock) {
        throw new UnsupportedOperationException();
    }

    /** Sets who shows workspaces; until then nobody does. */
    public void attach(Viewer viewer) {
        throw new UnsupportedOperationException();
    }

    public Repository createRepository(String name, String defaultBookmark, String by) {
        throw new UnsupportedOperationException();
    }

    /** The open repository of that name. */
    public Repository repository(String name) {
        throw new UnsupportedOperationException();
    }

    /** Names in order, without opening any repository. */
    public List<String> repositoryNames() {
        throw new UnsupportedOperationException();
    }

    public void deleteRepository(String name, String by) {
        throw new UnsupportedOperationException();
    }

    /** The workspace whose bookmark has that number, or null; opens its repository. */
    public @Nullable Workspace workspace(int number) {
        throw new UnsupportedOperationException();
    }

    /** Checkpoints every bookmark that has edits; what SIGUSR1 does. Answers how many changes were made. */
    public int checkpointAll(String message, String by) {
        throw new UnsupportedOperationException();
    }

    /** The data folder. */
    public Path data() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

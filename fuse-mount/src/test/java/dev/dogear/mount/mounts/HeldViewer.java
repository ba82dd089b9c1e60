package dev.dogear.mount.mounts;

import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A viewer that can be held up when a workspace has a new state and the kernel is not told yet. */
final class HeldViewer implements Viewer {
    private static final long AGAIN_NANOS = 1_000_000;

    private final Viewer viewer;
    private volatile @Nullable Path gate;

    HeldViewer(Viewer viewer) {
        this.viewer = viewer;
    }

    /** The next time it makes that file, and goes on when it is deleted. */
    void hold(Path file) {
        gate = file;
    }

    @Override
    public void push(Workspace workspace) {
        viewer.push(workspace);
    }

    @Override
    public void forget(Workspace workspace, List<Stale> stale) {
        Path file = gate;
        gate = null;
        if (file != null) {
            try {
                Files.createFile(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            while (Files.exists(file)) {
                LockSupport.parkNanos(AGAIN_NANOS);
            }
        }
        viewer.forget(workspace, stale);
    }

    @Override
    public void removed(Workspace workspace) {
        viewer.removed(workspace);
    }

    @Override
    public void namesChanged(String repository, @Nullable String bookmark) {
        viewer.namesChanged(repository, bookmark);
    }
}

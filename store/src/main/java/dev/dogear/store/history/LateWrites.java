package dev.dogear.store.history;

import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Viewer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that somebody wrote to by a handle from before their bookmark was protected, or beyond a limit: a viewer took the write, handed it on and was
 * refused, but shows it still. On a thread of its own it is told to forget it.
 */
final class LateWrites implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LateWrites.class);

    private final Supplier<Viewer> viewer;
    private final Set<FileNode> waiting = ConcurrentHashMap.newKeySet();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "dogear-late-writes");
        worker.setDaemon(true);
        return worker;
    });

    LateWrites(Supplier<Viewer> viewer) {
        this.viewer = viewer;
    }

    /** Returns at once. */
    void add(FileNode file) {
        if (waiting.add(file)) {
            thread.execute(() -> forget(file));
        }
    }

    private void forget(FileNode file) {
        waiting.remove(file);
        try {
            viewer.get().forget(file.workspace(), List.of(new Viewer.Stale.Inode(file, true, true)));
        } catch (RuntimeException e) {
            LOG.warn("A write that was refused may be seen for a while", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

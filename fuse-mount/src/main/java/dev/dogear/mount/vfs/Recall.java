package dev.dogear.mount.vfs;

import dev.dogear.mount.handover.Inherited;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.PosixException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Brings back into memory what the kernel knows from earlier daemons. Each node is found when it is first asked for; all
 * are found by and by, since an undo, a merge or a checkpoint tells the kernel only of nodes in memory.
 */
public final class Recall {
    private static final System.Logger LOG = System.getLogger(Recall.class.getName());
    private static final Caller NOBODY = new Caller(0, 0, 0, true);
    private static final long WITHIN_SECONDS = 120;

    private final NodeTable nodes;
    private final ShownWorkspaces workspaces;
    private final OpenFiles files;
    private final Remembered remembered;
    private final CountDownLatch done = new CountDownLatch(1);

    Recall(NodeTable nodes, ShownWorkspaces workspaces, OpenFiles files, Remembered remembered) {
        this.nodes = nodes;
        this.workspaces = workspaces;
        this.files = files;
        this.remembered = remembered;
    }

    /** Recalls everything, on the caller's thread; files open for writing first. */
    public void all() {
        Inherited inherited = remembered.inherited();
        try {
            if (inherited == null) {
                return;
            }
            for (Inherited.Opened opened : remembered.opened()) {
                open(opened);
            }
            inherited.forEachNode(this::recall);
        } finally {
            done.countDown();
        }
    }

    /** The names above bookmarks that the kernel was told by earlier daemons. */
    public List<Inherited.Shown> inheritedNames() {
        Inherited inherited = remembered.inherited();
        return inherited == null ? List.of() : inherited.shown();
    }

    /** Waits until everything is recalled; not from a thread that answers the kernel. */
    public void await() {
        try {
            if (!done.await(WITHIN_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "what the kernel knows is not all found yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Opens the repository of a node, so that its journal was replayed. */
    public void prepare(Caller caller, long node) throws PosixException {
        if (!NodeIds.isLevel(node)) {
            workspaces.inherit(workspaces.of(caller, node));
        }
    }

    /** Whether the request of that key had been executed, as the journals say that were replayed so far. */
    public boolean wasExecuted(long key) {
        return remembered.wasExecuted(key);
    }

    private void recall(long node) {
        try {
            workspaces.inherit(workspaces.of(NOBODY, node));
            nodes.recall(NOBODY, node);
        } catch (PosixException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "node {0} is not found any more: {1}",
                    Long.toHexString(node),
                    e.errno());
        }
    }

    private void open(Inherited.Opened opened) {
        try {
            workspaces.inherit(workspaces.of(NOBODY, opened.node()));
            nodes.in(NOBODY, opened.node(), (workspace, node) -> {
                if (node instanceof FileNode file && files.recall(opened.handle(), file)) {
                    workspace.opened(file, true);
                }
                return node;
            });
        } catch (PosixException e) {
            LOG.log(System.Logger.Level.WARNING, "an open file is not found any more: {0}", e.errno());
        }
    }
}

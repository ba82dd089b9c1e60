package dev.dogear.mount.vfs;

import dev.dogear.store.StoreException;
import dev.dogear.store.history.Store;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The workspaces of which the kernel knows nodes, by bookmark number. One stays here as long as the kernel remembers any
 * of its nodes, also after its bookmark was deleted, so that who holds a file of it can read on.
 *
 * <p>Edits of counts that come without a caller who could wait (FORGET, RELEASE) are put off while a gate is closed.
 */
final class ShownWorkspaces {
    /** More than anybody counts. */
    private static final long INHERITED = 1L << 50;

    private final Store store;
    private final Remembered remembered;
    private final ConcurrentHashMap<Integer, Shown> shown = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Late> late = new ConcurrentLinkedQueue<>();

    /** A workspace and how many look-ups of its nodes the kernel has not forgotten. */
    private record Shown(Workspace workspace, long lookups) {}

    /** What is still to be done in a workspace whose gate was closed. */
    private record Late(Workspace workspace, Runnable task) {}

    ShownWorkspaces(Store store, Remembered remembered) {
        this.remembered = remembered;
        this.store = store;
    }

    /** The workspace of a node id. @throws PosixException ESTALE if there is none */
    Workspace of(Caller caller, long id) throws PosixException {
        int number = NodeIds.bookmark(id);
        Shown known = shown.get(number);
        if (known != null) {
            return known.workspace;
        }
        if (!caller.mayWait()) {
            // Its repository may have to be opened first.
            throw new WouldWaitException();
        }
        try {
            Workspace workspace = store.workspace(number);
            if (workspace == null) {
                throw new PosixException(Errno.ESTALE);
            }
            return workspace;
        } catch (StoreException e) {
            throw Errnos.of(e);
        }
    }

    /** Passes the workspace's gate, as the caller may. */
    static void enter(Workspace workspace, Caller caller) {
        if (caller.mayWait()) {
            workspace.gate().enter();
        } else if (!workspace.gate().tryEnter()) {
            throw new WouldWaitException();
        }
    }

    /** The answer that names this node: one more look-up of it. Inside the gate. */
    Entry entry(Workspace workspace, Node node) {
        workspace.retain(node);
        shown.merge(
                workspace.number(), new Shown(workspace, 1), (old, one) -> new Shown(old.workspace, old.lookups + 1));
        int generation = node instanceof DirectoryNode directory ? directory.generation() : 0;
        return new Entry(NodeIds.of(workspace.number(), node.fileId()), generation, workspace.attributes(node), false);
    }

    /** The kernel forgets that many look-ups of a node. */
    void forget(long id, long count) {
        Shown known = shown.get(NodeIds.bookmark(id));
        if (known != null) {
            soon(known.workspace, () -> release(known.workspace, NodeIds.fileId(id), count));
        } else {
            remembered.goneUnseen(id);
        }
    }

    /** The kernel knows nodes of it from an earlier daemon, nobody knows how many. */
    void inherit(Workspace workspace) {
        shown.merge(
                workspace.number(),
                new Shown(workspace, INHERITED),
                (old, one) -> old.lookups >= INHERITED ? old : new Shown(old.workspace, old.lookups + INHERITED));
    }

    /** Takes back look-ups that were counted; inside the gate. */
    void release(Workspace workspace, int fileId, long count) {
        @Nullable Node node = workspace.node(fileId);
        if (node != null) {
            workspace.release(node, count);
        } else {
            remembered.goneUnseen(NodeIds.of(workspace.number(), fileId));
        }
        shown.computeIfPresent(
                workspace.number(),
                (number, old) -> old.lookups <= count ? null : new Shown(old.workspace, old.lookups - count));
    }

    /** Runs a short task inside the gate: now if it is open, else with a later call. */
    void soon(Workspace workspace, Runnable task) {
        if (!tryRun(new Late(workspace, task))) {
            late.add(new Late(workspace, task));
        }
        catchUp();
    }

    /** Does what was put off, as far as gates are open. Outside any gate. */
    void catchUp() {
        while (!late.isEmpty()) {
            Late next = late.poll();
            if (next == null) {
                return;
            }
            if (!tryRun(next)) {
                late.add(next);
                return;
            }
        }
    }

    private static boolean tryRun(Late late) {
        if (!late.workspace.gate().tryEnter()) {
            return false;
        }
        try {
            late.task.run();
        } finally {
            late.workspace.gate().leave();
        }
        return true;
    }
}

package dev.dogear.mount.vfs;

import dev.dogear.mount.commands.CommandFile;
import dev.dogear.mount.commands.ControlDirectory;
import dev.dogear.mount.handover.Inherited;
import dev.dogear.store.StoreException;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import org.jspecify.annotations.Nullable;

/** What a node id names, in levels and in workspaces, and the way into the gate of the latter. */
final class NodeTable {
    private final ShownWorkspaces workspaces;
    private final VirtualLevels levels;
    private final Remembered remembered;
    private final ControlDirectory control;

    NodeTable(ShownWorkspaces workspaces, VirtualLevels levels, Remembered remembered, ControlDirectory control) {
        this.control = control;
        this.workspaces = workspaces;
        this.levels = levels;
        this.remembered = remembered;
    }

    /** What is done with a node, inside the gate of its workspace. */
    @FunctionalInterface
    interface Body<T> {
        T run(Workspace workspace, Node node) throws PosixException;
    }

    /** What is done where no node is needed. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws PosixException;
    }

    /** Runs the body with the node of that id. @throws PosixException ESTALE if there is none; EPERM for a level */
    <T> T in(Caller caller, long id, Body<T> body) throws PosixException {
        refuseLevel(id);
        return through(caller, id, workspace -> body.run(workspace, known(workspace, id)));
    }

    /** Answers a LOOKUP; {@code .} and {@code ..} too, with which the kernel finds its way from a file handle. */
    Entry lookup(Caller caller, long parent, byte[] name) throws PosixException {
        if (isDots(name)) {
            return name.length == 1 ? reentry(caller, parent) : above(caller, parent);
        }
        Name checked = name(name);
        if (NodeIds.isControl(parent) || isControl(parent, name)) {
            return controlEntry(caller, parent, name);
        }
        if (NodeIds.isLevel(parent)) {
            return enter(caller, level(parent), name);
        }
        return in(
                caller,
                parent,
                (workspace, node) -> workspaces.entry(workspace, workspace.lookup(directory(node), checked)));
    }

    /** @throws PosixException ESTALE if it is the id of no level */
    VirtualLevels.Level level(long id) throws PosixException {
        VirtualLevels.Level level = levels.level(id);
        if (level == null) {
            throw new PosixException(Errno.ESTALE);
        }
        return level;
    }

    /** Runs what asks the store for names. */
    static <T> T onLevels(Step<T> step) throws PosixException {
        try {
            return step.run();
        } catch (StoreException e) {
            throw Errnos.of(e);
        }
    }

    /** Looking into a repository may mean opening it, which a reader must not wait for. */
    static void refuseHurry(Caller caller, VirtualLevels.Level level) {
        if (!caller.mayWait() && level.repository() != null) {
            throw new WouldWaitException();
        }
    }

    /** What stat tells of {@code .dogear} and what is in it. */
    NodeAttributes control(Caller caller, long id) throws PosixException {
        CommandFile file = controlFile(id);
        return through(
                caller,
                id,
                workspace -> control.attributes(
                        file, id, workspace.attributes(workspace.root()).attributes()));
    }

    /** Whether that name is the one of {@code .dogear}; in the trees of changes it is a name like any other. */
    boolean isControl(long parent, byte[] name) {
        return NodeIds.isControlName(parent, name) && control.isThere(NodeIds.bookmark(parent));
    }

    static CommandFile controlFile(long id) throws PosixException {
        CommandFile file = CommandFile.of(NodeIds.fileId(id));
        if (file == null) {
            throw new PosixException(Errno.ESTALE);
        }
        return file;
    }

    /** Names only; the cookie of each is its place. */
    void listControl(Caller caller, long id, long cookie, DirectoryReply reply) throws PosixException {
        if (controlFile(id) != CommandFile.DIRECTORY) {
            throw new PosixException(Errno.ENOTDIR);
        }
        CommandFile[] files = CommandFile.values();
        long root = NodeIds.of(NodeIds.bookmark(id), TreeEntry.ROOT_FILE_ID);
        for (int at = (int) Math.min(cookie, files.length + 1); at < files.length + 1; at++) {
            byte[] name = at == 0 ? new byte[] {'.'} : at == 1 ? new byte[] {'.', '.'} : files[at - 1].text();
            long node = at == 0 ? id : at == 1 ? root : NodeIds.of(NodeIds.bookmark(id), files[at - 1].fileId());
            EntryType type = at < 2 ? EntryType.DIRECTORY : EntryType.FILE;
            if (!reply.add(name, node, at + 1, type.modeBits())) {
                return;
            }
        }
    }

    private Entry controlEntry(Caller caller, long parent, byte[] name) throws PosixException {
        boolean inside = NodeIds.isControl(parent);
        CommandFile file = inside ? CommandFile.named(name) : CommandFile.DIRECTORY;
        if (file == null) {
            throw new PosixException(Errno.ENOENT);
        }
        long id = NodeIds.of(NodeIds.bookmark(parent), file.fileId());
        return new Entry(id, 0, control(caller, id), true);
    }

    /** @throws PosixException EPERM for {@code .dogear} in a bookmark's root, and where {@link #refuseLevel} does */
    static void refuseFixed(long parent, byte[] name) throws PosixException {
        refuseLevel(parent);
        if (NodeIds.isControlName(parent, name)) {
            throw new PosixException(Errno.EPERM);
        }
    }

    /** @throws PosixException EPERM for what is no file of a bookmark: nothing is changed there */
    static void refuseLevel(long id) throws PosixException {
        if (NodeIds.isLevel(id) || NodeIds.isControl(id)) {
            throw new PosixException(Errno.EPERM);
        }
    }

    /** @throws PosixException ESTALE if the workspace has no such node */
    Node known(Workspace workspace, long id) throws PosixException {
        Node node = workspace.node(NodeIds.fileId(id));
        if (node == null) {
            node = recalled(workspace, id);
        }
        if (node == null) {
            throw new PosixException(Errno.ESTALE);
        }
        return node;
    }

    /** A node the kernel knows from an earlier daemon, found where that one had it; null if it is there no more. */
    private @Nullable Node recalled(Workspace workspace, long id) throws PosixException {
        Inherited.Place place = remembered.place(id);
        if (place == null) {
            return null;
        }
        if (place.directory() == 0) {
            return place.isDirectory() ? workspace.adoptRemoved(NodeIds.fileId(id)) : null;
        }
        DirectoryNode above = directory(workspace, place.directory());
        Node found = workspace.lookup(above, name(place.name()));
        if (found.fileId() != NodeIds.fileId(id)) {
            return null;
        }
        if (found instanceof DirectoryNode directory) {
            directory.recall(place.generation());
        }
        workspace.adopt(found);
        return found;
    }

    /** Brings a node back into memory that the kernel knows from an earlier daemon. It may be gone meanwhile. */
    void recall(Caller caller, long id) throws PosixException {
        through(caller, id, workspace -> {
            try {
                return known(workspace, id);
            } catch (PosixException e) {
                if (e.errno() == Errno.ESTALE || e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                    return workspace.root();
                }
                throw e;
            }
        });
    }

    DirectoryNode directory(Workspace workspace, long id) throws PosixException {
        return directory(known(workspace, id));
    }

    static DirectoryNode directory(Node node) throws PosixException {
        if (node instanceof DirectoryNode directory) {
            return directory;
        }
        throw new PosixException(Errno.ENOTDIR);
    }

    static FileNode file(Node node) throws PosixException {
        if (node instanceof FileNode file) {
            return file;
        }
        throw new PosixException(node instanceof DirectoryNode ? Errno.EISDIR : Errno.EINVAL);
    }

    /** The bytes as a name. @throws PosixException ENAMETOOLONG or EINVAL if they can be none */
    static Name name(byte[] bytes) throws PosixException {
        if (bytes.length > Name.MAX_BYTES) {
            throw new PosixException(Errno.ENAMETOOLONG);
        }
        if (!Name.isLegal(bytes)) {
            throw new PosixException(Errno.EINVAL);
        }
        return Name.of(bytes);
    }

    private Entry enter(Caller caller, VirtualLevels.Level level, byte[] name) throws PosixException {
        refuseHurry(caller, level);
        VirtualLevels.Child child = onLevels(() -> {
            VirtualLevels.Child found = levels.child(level, name);
            if (found == null) {
                throw new PosixException(Errno.ENOENT);
            }
            return found;
        });
        Entry entry = reentry(caller, child.inode());
        return VirtualLevels.isPassing(level.prefix(), name) ? entry.asPassing() : entry;
    }

    /** A look-up of a node by its id. */
    private Entry reentry(Caller caller, long id) throws PosixException {
        if (NodeIds.isLevel(id)) {
            return new Entry(id, levels.attributes(level(id)));
        }
        if (NodeIds.fileId(id) == TreeEntry.ROOT_FILE_ID) {
            return through(caller, id, workspace -> workspaces.entry(workspace, workspace.root()));
        }
        return in(caller, id, workspaces::entry);
    }

    private Entry above(Caller caller, long id) throws PosixException {
        if (NodeIds.isLevel(id)) {
            VirtualLevels.Level above = level(id).above();
            return reentry(caller, above == null ? id : above.id());
        }
        if (NodeIds.fileId(id) == TreeEntry.ROOT_FILE_ID) {
            return reentry(caller, levels.above(NodeIds.bookmark(id)).id());
        }
        return in(caller, id, (workspace, node) -> workspaces.entry(workspace, workspace.parent(directory(node))));
    }

    /** What is done inside a gate. */
    @FunctionalInterface
    private interface Inside<T> {
        T run(Workspace workspace) throws PosixException;
    }

    private <T> T through(Caller caller, long id, Inside<T> inside) throws PosixException {
        Workspace workspace = workspaces.of(caller, id);
        ShownWorkspaces.enter(workspace, caller);
        try {
            return inside.run(workspace);
        } catch (StoreException e) {
            throw Errnos.of(e);
        } finally {
            workspace.gate().leave();
            workspaces.catchUp();
        }
    }

    private static boolean isDots(byte[] name) {
        return name.length > 0 && name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
    }
}

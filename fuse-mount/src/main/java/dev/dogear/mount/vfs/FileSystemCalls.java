package dev.dogear.mount.vfs;

import dev.dogear.mount.commands.ControlDirectory;
import dev.dogear.store.StoreException;
import dev.dogear.store.access.AccessList;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.NewFile;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The mounted file system: one method for each kernel request, on node ids. Transports call it from any thread.
 *
 * <p>A node id is {@code bookmark number << 32 | file id}; the levels above bookmarks have bookmark number 0, the mount's
 * root is {@link #ROOT}. What an id names is found by the id alone, handles only count who has a file open. Each call
 * passes the gate of its workspace, and what it answers with an {@link Entry} counts as a look-up until {@link #forget}.
 *
 * <p>Absence of a name in a level ({@link #isLevel}) should not be cached by a transport that can do without.
 */
public final class FileSystemCalls {
    /** The node id of the mount's root directory. */
    public static final long ROOT = 1;

    /** How many files may be open at a time if nothing else is said. */
    public static final int MOST_OPEN_FILES = 1_000_000;

    private static final int ACCESS_MODE = 03;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int KEEP_SIZE = 1;
    private static final int PERMISSIONS = 07777;
    private static final int TYPE_BITS = 0170000;
    private static final int BLOCK_SIZE = 4096;
    private static final long MOST_FILES = 0xffff_ffffL;
    private static final AttributeChange TRUNCATE = new AttributeChange(null, null, null, 0L, null, null, null);

    private final Store store;
    private final ShownWorkspaces workspaces;
    private final VirtualLevels levels;
    private final NodeTable nodes;
    private final OpenFiles files;
    private final XattrRules xattrs;
    private final Recall recall;
    private final ControlDirectory control;

    public FileSystemCalls(Store store) {
        this(store, MOST_OPEN_FILES, Remembered.nothing());
    }

    /**
     * @param mostOpenFiles at a time; one more is EMFILE
     * @param remembered what the kernel knows from earlier daemons; the store must know it, too
     */
    public FileSystemCalls(Store store, int mostOpenFiles, Remembered remembered) {
        VirtualLevels.Owner user = VirtualLevels.Owner.ask();
        this.store = store;
        this.workspaces = new ShownWorkspaces(store, remembered);
        this.levels = new VirtualLevels(store, user.uid(), user.gid(), Timestamp.of(Instant.now()), remembered);
        this.control = new ControlDirectory(store);
        this.nodes = new NodeTable(workspaces, levels, remembered, control);
        this.files = new OpenFiles(mostOpenFiles, remembered);
        this.recall = new Recall(nodes, workspaces, files, remembered);
        this.xattrs = new XattrRules(user.uid() == 0);
    }

    /** Whether the node is a directory above bookmarks: what comes and goes there comes from control calls alone. */
    public static boolean isLevel(long node) {
        return NodeIds.isLevel(node);
    }

    /** Whether the node is {@code .dogear} in a bookmark's root, or in it: opened and written to by calls of their own. */
    public static boolean isControl(long node) {
        return NodeIds.isControl(node);
    }

    /** Opens a file of {@code .dogear}; completes when what is to be read is there. */
    public CompletableFuture<OpenFile> openControl(long node, int flags) throws PosixException {
        return control.open(NodeIds.bookmark(node), NodeTable.controlFile(node), flags)
                .thenApply(handle -> new OpenFile(handle, false, true));
    }

    /** Gives a command; completes when it is done and seen. */
    public CompletableFuture<Void> writeControl(Caller caller, long node, long handle, byte[] text)
            throws PosixException {
        return control.write(
                NodeIds.bookmark(node), NodeTable.controlFile(node), handle, text, caller.uid(), caller.pid());
    }

    /** Whether a name in a level is of history, which no bookmark's or repository's is. */
    public static boolean isPast(byte[] name) {
        return VirtualLevels.isPast(name);
    }

    /** What the kernel knows from earlier daemons. */
    public Recall recall() {
        return recall;
    }

    public Entry lookup(Caller caller, long parent, byte[] name) throws PosixException {
        return nodes.lookup(caller, parent, name);
    }

    public void forget(long node, long count) {
        if (!NodeIds.isLevel(node) && !NodeIds.isControl(node)) {
            workspaces.forget(node, count);
        }
    }

    public NodeAttributes getattr(Caller caller, long node) throws PosixException {
        if (NodeIds.isLevel(node)) {
            return levels.attributes(nodes.level(node));
        }
        if (NodeIds.isControl(node)) {
            return nodes.control(caller, node);
        }
        return nodes.in(caller, node, Workspace::attributes);
    }

    /** @param handle 0 if none */
    public NodeAttributes setattr(Caller caller, long node, long handle, AttributeChange change) throws PosixException {
        if (NodeIds.isControl(node) && change.keepsRights()) {
            return nodes.control(caller, node); // truncated before a shell's echo, and the kernel's times after it
        }
        NodeTable.refuseLevel(node);
        return nodes.in(caller, node, (workspace, file) -> workspace.change(file, change));
    }

    public byte[] readlink(Caller caller, long node) throws PosixException {
        if (NodeIds.isLevel(node)) {
            throw new PosixException(Errno.EINVAL);
        }
        return nodes.in(caller, node, Workspace::readLink);
    }

    /**
     * The mode of a file without its set-id bits, as a write, truncation or chown by one who may not keep them leaves it;
     * null if that is the mode it has.
     */
    public @Nullable Integer withoutSetId(Caller caller, long node) throws PosixException {
        Attributes attributes = getattr(caller, node).attributes();
        int mode = SetIdBits.without(caller, attributes.mode(), attributes.gid());
        return mode == attributes.mode() ? null : mode;
    }

    /** @param mode with type bits; {@code device} of a device node */
    public Entry mknod(Caller caller, long parent, byte[] name, Mode mode, long device) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        int type = (mode.bits & TYPE_BITS) == 0 ? EntryType.FILE.modeBits() : mode.bits & TYPE_BITS;
        return nodes.in(
                caller,
                parent,
                (workspace, node) -> workspaces.entry(
                        workspace,
                        workspace.createSpecial(
                                NodeTable.directory(node), NodeTable.name(name), newFile(caller, mode), type, device)));
    }

    public Entry mkdir(Caller caller, long parent, byte[] name, Mode mode) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        return nodes.in(
                caller,
                parent,
                (workspace, node) -> workspaces.entry(
                        workspace,
                        workspace.createDirectory(
                                NodeTable.directory(node), NodeTable.name(name), newFile(caller, mode))));
    }

    public Entry symlink(Caller caller, long parent, byte[] name, byte[] target) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        return nodes.in(
                caller,
                parent,
                (workspace, node) -> workspaces.entry(
                        workspace,
                        workspace.createSymlink(
                                NodeTable.directory(node),
                                NodeTable.name(name),
                                target,
                                newFile(caller, Mode.of(0777)))));
    }

    public Entry link(Caller caller, long node, long parent, byte[] name) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        NodeTable.refuseLevel(node);
        if (!NodeIds.sameBookmark(node, parent)) {
            throw new PosixException(Errno.EXDEV);
        }
        return nodes.in(caller, node, (workspace, file) -> {
            workspace.link(file, nodes.directory(workspace, parent), NodeTable.name(name), caller.cause());
            return workspaces.entry(workspace, file);
        });
    }

    public void unlink(Caller caller, long parent, byte[] name) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        nodes.in(caller, parent, (workspace, node) -> {
            workspace.unlink(NodeTable.directory(node), NodeTable.name(name), caller.cause());
            return node;
        });
    }

    public void rmdir(Caller caller, long parent, byte[] name) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        nodes.in(caller, parent, (workspace, node) -> {
            workspace.removeDirectory(NodeTable.directory(node), NodeTable.name(name), caller.cause());
            return node;
        });
    }

    public void rename(Caller caller, long parent, byte[] name, long newParent, byte[] newName, int flags)
            throws PosixException {
        NodeTable.refuseFixed(parent, name);
        NodeTable.refuseFixed(newParent, newName);
        if (!NodeIds.sameBookmark(parent, newParent)) {
            throw new PosixException(Errno.EXDEV);
        }
        nodes.in(caller, parent, (workspace, node) -> {
            DirectoryNode target = nodes.directory(workspace, newParent);
            Name to = NodeTable.name(newName);
            workspace.rename(NodeTable.directory(node), NodeTable.name(name), target, to, flags, caller.cause());
            return node;
        });
    }

    /** @param flags of open(2) */
    public OpenFile open(Caller caller, long node, int flags) throws PosixException {
        if (NodeIds.isLevel(node)) {
            throw new PosixException(Errno.EISDIR);
        }
        return nodes.in(caller, node, (workspace, opened) -> {
            FileNode file = NodeTable.file(opened);
            if (workspace.gate().isReadOnly() && (flags & (ACCESS_MODE | O_TRUNC)) != 0) {
                throw new PosixException(Errno.EROFS);
            }
            if ((flags & ACCESS_MODE) != 0) {
                // Here it is told in time: the kernel takes what is written before it asks us, and what it truncates is
                // gone.
                workspace.room().requireBytes(0);
            }
            return reserved(() -> {
                truncate(workspace, file, flags);
                return open(workspace, file, flags);
            });
        });
    }

    /**
     * The mode of what is to be made.
     *
     * @param bits as asked for
     * @param umask to be taken from it, unless the directory says otherwise; 0 where that was done
     */
    public record Mode(int bits, int umask) {
        /** That mode and no umask. */
        public static Mode of(int bits) {
            return new Mode(bits, 0);
        }
    }

    /** What CREATE answers. */
    public record Created(Entry entry, OpenFile file) {}

    /** Makes and opens a file, or opens the one there is (O_EXCL was the kernel's to check, and is checked again). */
    public Created create(Caller caller, long parent, byte[] name, int flags, Mode mode) throws PosixException {
        NodeTable.refuseFixed(parent, name);
        return nodes.in(caller, parent, (workspace, node) -> {
            DirectoryNode directory = NodeTable.directory(node);
            Name of = NodeTable.name(name);
            return reserved(() -> {
                FileNode file = createOrFind(workspace, directory, of, newFile(caller, mode), flags);
                return new Created(workspaces.entry(workspace, file), open(workspace, file, flags));
            });
        });
    }

    /** A file without a name, opened. */
    public Created tmpfile(Caller caller, long parent, int flags, Mode mode) throws PosixException {
        NodeTable.refuseLevel(parent);
        return nodes.in(caller, parent, (workspace, node) -> {
            return reserved(() -> {
                FileNode file = workspace.createUnnamed(NodeTable.directory(node), newFile(caller, mode));
                return new Created(workspaces.entry(workspace, file), open(workspace, file, flags));
            });
        });
    }

    /** Fills {@code target} as far as the file goes; returns the number of bytes. */
    public int read(Caller caller, long node, long handle, long offset, ByteBuffer target) throws PosixException {
        if (NodeIds.isControl(node)) {
            return control.read(handle, offset, target);
        }
        return nodes.in(caller, node, (workspace, file) -> workspace.read(NodeTable.file(file), offset, target));
    }

    /** Writes all of {@code source}. */
    public void write(Caller caller, long node, long handle, long offset, ByteBuffer source) throws PosixException {
        nodes.in(caller, node, (workspace, file) -> {
            workspace.write(NodeTable.file(file), offset, source);
            return file;
        });
    }

    /** Writes pages the kernel had kept. The time of modification is the kernel's: stamped here, it would move once the kernel forgets. */
    public void writeBack(Caller caller, long node, long offset, ByteBuffer source) throws PosixException {
        nodes.in(caller, node, (workspace, file) -> {
            if (workspace.gate().isReadOnly()) {
                store.refused(NodeTable.file(file));
            }
            try {
                workspace.writeBack(NodeTable.file(file), offset, source);
            } catch (PosixException e) {
                if (e.errno() == Errno.EDQUOT || e.errno() == Errno.EFBIG) {
                    store.refused(NodeTable.file(file));
                }
                throw e;
            }
            return file;
        });
    }

    /**
     * Completes, perhaps on another thread, when the file's (or directory's) edits survive a power cut. If that failed
     * the cause is a {@link PosixException}.
     */
    public CompletableFuture<Void> fsync(Caller caller, long node) throws PosixException {
        if (NodeIds.isLevel(node) || NodeIds.isControl(node)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> synced = nodes.in(caller, node, (workspace, file) -> workspace.sync());
        return synced.handle((done, failure) -> {
            if (failure != null) {
                throw Errnos.completion(failure);
            }
            return null;
        });
    }

    public void release(long node, long handle) {
        if (NodeIds.isControl(node)) {
            control.release(handle);
            return;
        }
        OpenFiles.OpenHandle closed = files.remove(handle);
        if (closed != null) {
            Workspace workspace = closed.file().workspace();
            workspaces.soon(workspace, () -> workspace.closed(closed.file(), closed.writable()));
        }
    }

    /** Nothing is reserved, but what cannot come true is refused: a file growing by more than the disk has room for. */
    public void fallocate(Caller caller, long node, long handle, long offset, long length, int mode)
            throws PosixException {
        nodes.in(caller, node, (workspace, file) -> {
            boolean keepsBytes = (mode & ~KEEP_SIZE) == 0;
            long growth = offset
                    + length
                    - Math.max(offset, workspace.attributes(file).size());
            if (keepsBytes && growth > 0 && growth > usableBytes()) {
                throw new PosixException(Errno.ENOSPC);
            }
            workspace.allocate(NodeTable.file(file), mode, offset, length);
            return file;
        });
    }

    /** Whether the kernel may hold pages of the file that it has not written yet, so that holes are not known here. */
    public boolean mayBeUnwritten(Caller caller, long node, long handle) throws PosixException {
        return !files.isKnown(handle)
                || nodes.in(caller, node, (workspace, file) -> workspace.mayBeUnwritten(NodeTable.file(file)));
    }

    public long lseek(Caller caller, long node, long handle, long offset, int whence) throws PosixException {
        return nodes.in(caller, node, (workspace, file) -> workspace.seek(NodeTable.file(file), offset, whence));
    }

    /** What a COPY_FILE_RANGE names. */
    public record CopyRange(long from, long fromOffset, long to, long toOffset, long length) {}

    /** EXDEV between bookmarks: the kernel then copies by reading and writing. */
    public long copyFileRange(Caller caller, CopyRange range) throws PosixException {
        if (!NodeIds.sameBookmark(range.from, range.to)) {
            throw new PosixException(Errno.EXDEV);
        }
        return nodes.in(caller, range.from, (workspace, from) -> {
            FileNode to = NodeTable.file(nodes.known(workspace, range.to));
            return workspace.copyRange(NodeTable.file(from), range.fromOffset, to, range.toOffset, range.length);
        });
    }

    /** @param plus with attributes: {@link DirectoryReply#addPlus}; node 0 where an entry is shown by name only */
    public void readdir(Caller caller, long node, long cookie, boolean plus, DirectoryReply reply)
            throws PosixException {
        if (NodeIds.isControl(node)) {
            nodes.listControl(caller, node, cookie, reply);
            return;
        }
        if (NodeIds.isLevel(node)) {
            VirtualLevels.Level level = nodes.level(node);
            NodeTable.refuseHurry(caller, level);
            NodeTable.onLevels(() -> {
                new Listing(new ListedLevel(levels, level), plus, reply).fill(cookie);
                return level;
            });
            return;
        }
        nodes.in(caller, node, (workspace, found) -> {
            boolean hidesControl = found == workspace.root() && control.isThere(workspace.number());
            Listed directory = new ListedDirectory(workspaces, levels, NodeTable.directory(found), hidesControl);
            new Listing(directory, plus, reply).fill(cookie);
            return found;
        });
    }

    /** File system figures. */
    public record Statistics(
            long blocks, long blocksFree, long blocksAvailable, long files, long filesFree, int blockSize) {}

    /** Free on the host's file system that holds the store. */
    private long usableBytes() throws PosixException {
        try {
            return Files.getFileStore(store.path()).getUsableSpace();
        } catch (IOException e) {
            throw Errnos.of(new StoreException(StoreException.Kind.IO, "cannot read the disk's figures", e));
        }
    }

    /** How much a repository may hold, and what is left of that. */
    private record Room(long most, long left, long filesLeft) {
        /** Above bookmarks. */
        static final Room UNLIMITED = new Room(Long.MAX_VALUE, Long.MAX_VALUE, 0);

        static Room of(Workspace workspace) {
            long most = workspace.room().mostBytes();
            long left = most == Long.MAX_VALUE
                    ? most
                    : Math.max(0, most - workspace.room().usedBytes());
            return new Room(most, left, workspace.filesLeft());
        }
    }

    /**
     * Those of the host's file system that holds the store, or of the repository where it may hold less; files are counted by
     * the numbers the repository has for them, and not at all above bookmarks.
     */
    public Statistics statfs(Caller caller, long node) throws PosixException {
        boolean level = NodeIds.isLevel(node) || NodeIds.isControl(node);
        Room room = level ? Room.UNLIMITED : nodes.in(caller, node, (workspace, file) -> Room.of(workspace));
        try {
            FileStore host = Files.getFileStore(store.path());
            return new Statistics(
                    Math.min(room.most, host.getTotalSpace()) / BLOCK_SIZE,
                    Math.min(room.left, host.getUnallocatedSpace()) / BLOCK_SIZE,
                    Math.min(room.left, host.getUsableSpace()) / BLOCK_SIZE,
                    level ? 0 : MOST_FILES,
                    room.filesLeft,
                    BLOCK_SIZE);
        } catch (IOException e) {
            throw Errnos.of(new StoreException(StoreException.Kind.IO, "cannot read the disk's figures", e));
        }
    }

    public byte[] getxattr(Caller caller, long node, String name) throws PosixException {
        xattrs.checkRead(name);
        if (NodeIds.isLevel(node) || NodeIds.isControl(node)) {
            throw new PosixException(Errno.ENODATA);
        }
        byte[] value = nodes.in(caller, node, (workspace, file) -> {
            byte[] kept = workspace.attributes(file).attributes().xattrs().get(name);
            if (kept == null) {
                throw new PosixException(Errno.ENODATA);
            }
            return kept;
        });
        return value;
    }

    /** Names, each ended by a NUL. */
    public byte[] listxattr(Caller caller, long node) throws PosixException {
        if (NodeIds.isLevel(node) || NodeIds.isControl(node)) {
            return new byte[0];
        }
        return nodes.in(caller, node, (workspace, file) -> {
            ByteArrayOutputStream names = new ByteArrayOutputStream();
            for (String name :
                    workspace.attributes(file).attributes().xattrs().asMap().keySet()) {
                if (xattrs.isListed(name, caller.uid())) {
                    names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
                    names.write(0);
                }
            }
            return names.toByteArray();
        });
    }

    public void setxattr(Caller caller, long node, String name, byte[] value, int flags) throws PosixException {
        xattrs.checkWrite(name);
        NodeTable.refuseLevel(node);
        nodes.in(caller, node, (workspace, file) -> {
            if (XattrRules.isAccessList(name)) {
                workspace.setAccessList(file, name, value, caller.cause());
                dropSetGroup(caller, workspace, file, name);
            } else {
                workspace.setXattr(file, name, value, flags, caller.cause());
            }
            return file;
        });
    }

    /** Rights given by one outside the file's group must not run with it. */
    private static void dropSetGroup(Caller caller, Workspace workspace, Node file, String name) throws PosixException {
        Attributes now = workspace.attributes(file).attributes();
        int mode = SetIdBits.afterRights(caller, now.mode(), now.gid());
        if (name.equals(AccessList.ACCESS) && mode != now.mode()) {
            workspace.change(file, new AttributeChange(mode, null, null, null, null, null, null));
        }
    }

    public void removexattr(Caller caller, long node, String name) throws PosixException {
        xattrs.checkWrite(name);
        NodeTable.refuseLevel(node);
        nodes.in(caller, node, (workspace, file) -> {
            if (XattrRules.isAccessList(name)) {
                workspace.setAccessList(file, name, new byte[0], caller.cause());
            } else {
                workspace.removeXattr(file, name, caller.cause());
            }
            return file;
        });
    }

    /** Runs what uses the room of a handle taken before; the room is given back if it fails. */
    private <T> T reserved(NodeTable.Step<T> step) throws PosixException {
        files.reserve();
        boolean used = false;
        try {
            T result = step.run();
            used = true;
            return result;
        } finally {
            if (!used) {
                files.giveBack();
            }
        }
    }

    private OpenFile open(Workspace workspace, FileNode file, int flags) {
        boolean writable = (flags & ACCESS_MODE) != 0;
        workspace.opened(file, writable);
        return new OpenFile(files.add(file, writable), true, false);
    }

    private static FileNode createOrFind(
            Workspace workspace, DirectoryNode directory, Name name, NewFile file, int flags) throws PosixException {
        try {
            return workspace.createFile(directory, name, file);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST || (flags & O_EXCL) != 0) {
                throw e;
            }
        }
        FileNode found = NodeTable.file(workspace.lookup(directory, name));
        if ((flags & ACCESS_MODE) != 0) {
            workspace.room().requireBytes(0);
        }
        truncate(workspace, found, flags);
        return found;
    }

    /** Whether set-id bits go is the kernel's to say, which knows the caller's capabilities: a transport clears them. */
    private static void truncate(Workspace workspace, FileNode file, int flags) throws PosixException {
        if ((flags & O_TRUNC) != 0) {
            workspace.change(file, TRUNCATE, true);
        }
    }

    private static NewFile newFile(Caller caller, Mode mode) {
        return new NewFile(mode.bits & PERMISSIONS, mode.umask, caller.uid(), caller.gid(), caller.cause());
    }
}

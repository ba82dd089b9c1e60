package dev.dogear.store.workspace;

import dev.dogear.store.StoreException;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The live state of one bookmark: a stored root plus the edits since. Every method that reads or edits expects the caller
 * to be inside the {@link #gate()}. An edit is in the journal when its method returns.
 *
 * <p>A node found is safe to use until the caller leaves the gate; to keep it longer, {@link #retain} it before.
 */
public final class Workspace {
    private static final int MAX_TARGET_BYTES = 4095;
    private static final long DIRECTORY_BYTES = 4096;

    /** How many nodes nobody holds may wait in memory for somebody to ask again. */
    private static final int IDLE_NODES_MAX = 50_000;

    /** How many of them are looked at while the gate is closed: a millisecond or so. */
    private static final int TRIM_BATCH = 4096;

    private final int number;
    private final WorkspaceContext context;
    private final Gate gate = new Gate();
    private final Nodes nodes;
    private final Names names;
    private final FileEdits files;
    private final Set<FileNode> writable = ConcurrentHashMap.newKeySet();
    private final AtomicInteger edited = new AtomicInteger();

    /** What the gate guards: they change only while it is closed. */
    private volatile Root base;

    private volatile long cut;
    private volatile long frozenAt;
    private final AtomicInteger epoch = new AtomicInteger(1);
    private volatile boolean replaying;

    /** @param cut LSN from which on the journal has edits that {@code base} does not; replay those before use */
    public Workspace(WorkspaceContext context, int number, Root base, long cut) {
        this.number = number;
        this.context = context;
        this.base = base;
        this.cut = cut;
        this.frozenAt = cut;
        this.nodes = new Nodes(this, base.directory());
        EditLog log = new EditLog(context.journal(), number);
        this.names = new Names(this, nodes, log);
        this.files = new FileEdits(this, nodes, names, log);
    }

    /** The bookmark's number in its store: the high half of inode numbers. */
    public int number() {
        return number;
    }

    /** How many more files its repository can have: numbers not given yet. */
    public long filesLeft() {
        return context.fileIds().left();
    }

    /** What its repository has room for. */
    public WorkspaceContext.Room room() {
        return context.room();
    }

    /** Bytes that were written and are in no root yet, as often as they were written. */
    public long unstoredBytes() {
        return files.unstoredBytes();
    }

    /** What every reader and editor enters first. */
    public Gate gate() {
        return gate;
    }

    /** The bookmark's directory; the same node for the life of the workspace. */
    public DirectoryNode root() {
        return nodes.root();
    }

    /** The loaded node of that file id, or null. */
    public @Nullable Node node(int fileId) {
        return nodes.get(fileId);
    }

    /** @throws PosixException ENOENT */
    public Node lookup(DirectoryNode directory, Name name) throws PosixException {
        Node node;
        nodes.lock().readLock().lock();
        try {
            node = nodes.find(directory, name);
        } catch (StoreException e) {
            throw PosixException.of(e);
        } finally {
            nodes.lock().readLock().unlock();
        }
        if (node == null) {
            throw new PosixException(Errno.ENOENT);
        }
        return node;
    }

    /** The node at that path, or null. */
    public @Nullable Node find(TreePath path) {
        nodes.lock().readLock().lock();
        try {
            return nodes.find(path);
        } finally {
            nodes.lock().readLock().unlock();
        }
    }

    /** One of the node's paths; null if it has no name any more. */
    public @Nullable TreePath path(Node node) {
        nodes.lock().readLock().lock();
        try {
            return nodes.path(node);
        } finally {
            nodes.lock().readLock().unlock();
        }
    }

    /** The directory above; the root's parent is the root. */
    public DirectoryNode parent(DirectoryNode directory) {
        Node.Place place = directory.places().first();
        return place == null ? nodes.root() : place.directory();
    }

    /** What stat tells. */
    public NodeAttributes attributes(Node node) {
        long size = DIRECTORY_BYTES;
        long allocated = DIRECTORY_BYTES;
        int links = node.places().size();
        long device = 0;
        if (node instanceof FileNode file) {
            return files.attributes(file);
        } else if (node instanceof DirectoryNode directory) {
            links = directory.isRemoved() ? 0 : nodes.lockedLinks(directory);
        } else if (node instanceof OtherNode other) {
            size = other.type() == EntryType.SYMLINK ? other.payload().length : 0;
            allocated = 0;
            device = other.device();
        }
        return new NodeAttributes(
                inode(node), node.type(), node.attributes(), node.atime(), links, size, allocated, device);
    }

    long inode(Node node) {
        return (long) number << 32 | Integer.toUnsignedLong(node.fileId());
    }

    /** Sets attributes, truncates or extends. Set-id bits are cleared on chown and truncate as ext4 does. */
    public NodeAttributes change(Node node, AttributeChange change) throws PosixException {
        return change(node, change, false);
    }

    /** The same; with {@code keepSetId} truncating leaves set-id bits alone, for callers that may (CAP_FSETID). */
    public NodeAttributes change(Node node, AttributeChange change, boolean keepSetId) throws PosixException {
        files.change(node, change, keepSetId);
        return attributes(node);
    }

    /** Shows entries with a cookie of at least {@code fromCookie} (not {@code .} and {@code ..}) until the visitor says false. */
    public void list(DirectoryNode directory, long fromCookie, Listing visitor) throws PosixException {
        nodes.lockedList(directory, fromCookie, visitor);
    }

    public FileNode createFile(DirectoryNode directory, Name name, NewFile file) throws PosixException {
        return (FileNode) names.create(directory, name, file, new Names.Blank(EntryType.FILE, new byte[0]));
    }

    /** A regular file without a name (O_TMPFILE). */
    public FileNode createUnnamed(DirectoryNode directory, NewFile file) throws PosixException {
        return (FileNode) names.create(directory, null, file, new Names.Blank(EntryType.FILE, new byte[0]));
    }

    public DirectoryNode createDirectory(DirectoryNode directory, Name name, NewFile file) throws PosixException {
        return (DirectoryNode) names.create(directory, name, file, new Names.Blank(EntryType.DIRECTORY, new byte[0]));
    }

    /** {@code typeBits} as in st_mode: regular file, FIFO, socket or device. */
    public Node createSpecial(DirectoryNode directory, Name name, NewFile file, int typeBits, long device)
            throws PosixException {
        EntryType type;
        try {
            type = EntryType.ofMode(typeBits);
        } catch (IllegalArgumentException e) {
            throw new PosixException(Errno.EINVAL);
        }
        if (type == EntryType.DIRECTORY || type == EntryType.SYMLINK) {
            throw new PosixException(Errno.EPERM);
        }
        byte[] payload = OtherNode.isDevice(type)
                ? ByteBuffer.allocate(Long.BYTES).putLong(device).array()
                : new byte[0];
        return names.create(directory, name, file, new Names.Blank(type, payload));
    }

    public OtherNode createSymlink(DirectoryNode directory, Name name, byte[] target, NewFile file)
            throws PosixException {
        if (target.length == 0) {
            throw new PosixException(Errno.ENOENT);
        }
        if (target.length > MAX_TARGET_BYTES) {
            throw new PosixException(Errno.ENAMETOOLONG);
        }
        return (OtherNode) names.create(directory, name, file, new Names.Blank(EntryType.SYMLINK, target.clone()));
    }

    /** Gives {@code node} one more name. */
    public void link(Node node, DirectoryNode directory, Name name) throws PosixException {
        link(node, directory, name, EditLog.Cause.NONE);
    }

    public void link(Node node, DirectoryNode directory, Name name, EditLog.Cause cause) throws PosixException {
        names.link(node, directory, name, cause);
    }

    public void unlink(DirectoryNode directory, Name name, EditLog.Cause cause) throws PosixException {
        names.remove(directory, name, false, cause);
    }

    public void removeDirectory(DirectoryNode directory, Name name, EditLog.Cause cause) throws PosixException {
        names.remove(directory, name, true, cause);
    }

    /** @param flags RENAME_NOREPLACE (1), RENAME_EXCHANGE (2); others are EINVAL */
    public void rename(DirectoryNode from, Name name, DirectoryNode to, Name newName, int flags) throws PosixException {
        rename(from, name, to, newName, flags, EditLog.Cause.NONE);
    }

    public void rename(DirectoryNode from, Name name, DirectoryNode to, Name newName, int flags, EditLog.Cause cause)
            throws PosixException {
        names.rename(new Names.Rename(from, name, to, newName, flags), cause);
    }

    /** Fills {@code target} from {@code offset}, up to the end of the file; returns the number of bytes. */
    public int read(FileNode file, long offset, ByteBuffer target) throws PosixException {
        return files.read(file, offset, target);
    }

    /** Writes all of {@code source} (direct buffer preferred) at {@code offset}. */
    public void write(FileNode file, long offset, ByteBuffer source) throws PosixException {
        files.write(file, offset, source);
    }

    /** Writes what a kernel held back: it keeps the file's times meanwhile, and tells them itself if they differ. */
    public void writeBack(FileNode file, long offset, ByteBuffer source) throws PosixException {
        files.writeBack(file, offset, source);
    }

    /** fallocate(2): {@code mode} is its flags; EOPNOTSUPP for those not known. */
    public void allocate(FileNode file, int mode, long offset, long length) throws PosixException {
        files.allocate(file, mode, offset, length);
    }

    /** lseek(2) SEEK_DATA (3) or SEEK_HOLE (4). */
    public long seek(FileNode file, long offset, int whence) throws PosixException {
        return files.seek(file, offset, whence);
    }

    /** Copies content by reference where it can. @return bytes copied */
    public long copyRange(FileNode from, long fromOffset, FileNode to, long toOffset, long length)
            throws PosixException {
        return files.copyRange(from, fromOffset, to, toOffset, length);
    }

    /** The target; not to be written to. */
    public byte[] readLink(Node node) throws PosixException {
        if (node instanceof OtherNode other && other.type() == EntryType.SYMLINK) {
            return other.payload();
        }
        throw new PosixException(Errno.EINVAL);
    }

    /** @param flags XATTR_CREATE (1), XATTR_REPLACE (2) */
    public void setXattr(Node node, String name, byte[] value, int flags, EditLog.Cause cause) throws PosixException {
        files.setXattr(node, name, value, flags, cause);
    }

    /** Sets a file's own or default access control list, {@code name} saying which; an empty one takes it away. */
    public void setAccessList(Node node, String name, byte[] value, EditLog.Cause cause) throws PosixException {
        files.setAccessList(node, name, value, cause);
    }

    public void removeXattr(Node node, String name, EditLog.Cause cause) throws PosixException {
        files.removeXattr(node, name, cause);
    }

    /** Completes when all edits so far survive a power cut. */
    public CompletableFuture<Void> sync() {
        return context.journal().flushed();
    }

    /** One more answer to the kernel named this node. */
    public void retain(Node node) {
        if (!node.retainIfHeld()) {
            nodes.lock().readLock().lock();
            try {
                node.retainFirst();
            } finally {
                nodes.lock().readLock().unlock();
            }
        }
    }

    /** The node is held since before this process, where nobody counted. */
    public void adopt(Node node) {
        node.adopt();
    }

    /** A directory that had lost its name before this process. */
    public DirectoryNode adoptRemoved(int fileId) {
        DirectoryNode removed = (DirectoryNode) nodes.create(TreeEntry.directory(fileId, Attributes.NONE, 0, null));
        nodes.add(removed);
        removed.adopt();
        return removed;
    }

    /** The kernel forgets {@code count} of those; at zero a clean node may leave memory, an unlinked closed one ends. */
    public void release(Node node, long count) {
        if (node.release(count)) {
            nodes.dropIfEnded(node);
            nodes.offer(node);
        }
    }

    /** One more handle is open on the node, {@code writable} or not. */
    public void opened(FileNode file, boolean writable) {
        file.handles().incrementAndGet();
        if (writable && file.writableHandles().getAndIncrement() == 0) {
            this.writable.add(file);
        }
    }

    /** A handle was closed. */
    public void closed(FileNode file, boolean writable) {
        if (writable && file.writableHandles().decrementAndGet() == 0) {
            this.writable.remove(file);
            if (file.writableHandles().get() > 0) {
                this.writable.add(file);
            }
        }
        if (file.handles().decrementAndGet() == 0) {
            nodes.dropIfEnded(file);
            nodes.offer(file);
        }
    }

    /** Whether a kernel may hold pages of it that it has not written yet. */
    public boolean mayBeUnwritten(FileNode file) {
        return file.writableHandles().get() > 0;
    }

    /** The files with a writable handle: what a push goes over. */
    public List<FileNode> writableFiles() {
        return List.copyOf(writable);
    }

    /** How paths differ from {@link #base()}; see {@link #edits(Root)}. */
    public List<PathChange> edits() {
        return edits(base);
    }

    /**
     * How the live paths differ from those of {@code since}, without storing anything; takes the gate itself. Edited
     * content is not stored, so such entries have their size but no {@link dev.dogear.store.tree.TreeEntry#content()}.
     */
    public List<PathChange> edits(Root since) {
        Frozen now;
        gate.close();
        try {
            now = Frozen.of(this, nodes, cut, false);
        } finally {
            gate.open();
        }
        return now.differences(context.objects(), since);
    }

    /** Number of edited names and files, roughly; 0 if and only if nothing was edited since {@link #base()}. Cheap. */
    public int editCount() {
        int rootEdited = nodes.root().stamp() >= cut ? 1 : 0;
        return Math.max(edited.get() + nodes.linkEdits().size(), rootEdited);
    }

    /** The stored root the edits are relative to. */
    public Root base() {
        return base;
    }

    /** LSN from which on the journal has edits that {@link #base()} does not. */
    public long cut() {
        return cut;
    }

    /** The least LSN of the journal this workspace needs, to be replayed or to be read. */
    public long oldestNeeded() {
        // At rest it needs nothing from before now, and must not keep the journal for ever. Only a try, since the
        // caller may hold what somebody inside the gate waits for.
        if (isAtRest() && gate.tryClose()) {
            try {
                if (isAtRest()) {
                    cut = context.journal().tail();
                    frozenAt = cut;
                }
            } finally {
                gate.open();
            }
        }
        return Math.min(cut, files.oldestPosition());
    }

    /** Neither edited, nor with files that only the journal has, nor about to be by a replay. */
    private boolean isAtRest() {
        return !replaying && editCount() == 0 && unnamedFiles().isEmpty();
    }

    /** The files without a name that somebody holds, which no root has and every cut has to take along. */
    public List<FileNode> unnamedFiles() {
        return nodes.heldUnnamed();
    }

    /** Drops nodes nobody holds, if there are many; to be called now and then. Not from inside the gate. */
    public void trim() {
        for (int surplus = nodes.candidates() - IDLE_NODES_MAX; surplus > 0; surplus -= TRIM_BATCH) {
            gate.close();
            try {
                nodes.trim(TRIM_BATCH);
            } finally {
                gate.open();
            }
        }
    }

    /**
     * Takes what is edited as of now aside, in time that follows the number of edits; live edits go on on top of it. Closes
     * the gate, unless this thread did. Store it with {@link Frozen#store}, publish, then {@link #settle}; if any of
     * that fails just let go of it: the edits are still edits.
     */
    public Frozen freeze() {
        gate.close();
        try {
            // All appends of this workspace are done under its gate, so none of its records straddles the tail.
            frozenAt = context.journal().tail();
            files.frozen();
            epoch.incrementAndGet();
            nodes.trim(TRIM_BATCH);
            names.bindAllUnnamed();
            return Frozen.of(this, nodes, frozenAt, true);
        } finally {
            gate.open();
        }
    }

    /** What {@code frozen} holds is published as {@code root}: it is no edit any more. Closes the gate, unless this thread did. */
    public void settle(Frozen frozen, Root root) {
        gate.close();
        try {
            base = root;
            cut = frozen.cut();
            files.stored();
            edited.set(frozen.settle(nodes));
        } finally {
            gate.open();
        }
    }

    /**
     * Shows {@code root} from now on and drops all edits. The gate must be closed by this thread since the last
     * {@link #freeze()}, whose cut is the one to be published with {@code root}.
     *
     * @return what a mount has to forget, after the gate is open again
     */
    public List<Viewer.Stale> switchTo(Root root) {
        if (!gate.isClosedByMe()) {
            throw new IllegalStateException("the gate is to be closed over a switch");
        }
        List<Viewer.Stale> stale = new RootSwitch(this, nodes, root).run();
        base = root;
        cut = frozenAt;
        files.dropped();
        epoch.incrementAndGet();
        edited.set(0);
        names.tryBindAllUnnamed();
        return stale;
    }

    /** What live nodes refer to beyond {@link #base()}: see {@link Nodes#held}. Closes the gate. */
    public List<TreeEntry> held(boolean shown) {
        return nodes.held(shown);
    }

    WorkspaceContext context() {
        return context;
    }

    ObjectTable objects() {
        return context.objects();
    }

    Nodes nodes() {
        return nodes;
    }

    Names names() {
        return names;
    }

    FileEdits files() {
        return files;
    }

    int epoch() {
        return epoch.get();
    }

    void countEdit() {
        edited.incrementAndGet();
    }

    boolean isReplaying() {
        return replaying;
    }

    /** While edits are replayed, files without a name are kept: a later record may name them. */
    void beginReplay() {
        replaying = true;
    }

    void endReplay() {
        replaying = false;
        nodes.endUnheld();
    }

    /** Receives a directory listing. */
    @FunctionalInterface
    public interface Listing {
        /**
         * @param cookie of this entry; the listing goes on after it with {@code cookie + 1}
         * @param typeBits of st_mode
         * @return whether to go on
         */
        boolean entry(Name name, int fileId, int typeBits, long cookie);
    }

    /**
     * A workspace as its row in {@link Table#WORKSPACES} has it.
     *
     * @param number the bookmark's
     * @param root what is stored of it
     * @param cut LSN from which on the journal has edits that {@code root} does not
     */
    public record Saved(int number, Root root, long cut) {
        /** The row's key. */
        public static byte[] key(int number) {
            return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
        }

        /** The row to publish. */
        public Row row() {
            byte[] encoded = Roots.encode(root);
            return new Row(
                    Table.WORKSPACES,
                    key(number),
                    ByteBuffer.allocate(Long.BYTES + encoded.length)
                            .putLong(cut)
                            .put(encoded)
                            .array());
        }

        /** What the row says. */
        public static Saved decode(byte[] key, byte[] value) {
            ByteBuffer in = ByteBuffer.wrap(value);
            long cut = in.getLong();
            return new Saved(ByteBuffer.wrap(key).getInt(), Roots.read(in), cut);
        }
    }
}

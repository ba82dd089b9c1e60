package dev.dogear.store.workspace;

import dev.dogear.store.StoreException;
import dev.dogear.store.access.AccessList;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.workspace.Node.Place;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Edits of names: create, link, unlink, rename. Each is checked, then journaled, then applied, all with the names lock
 * held exclusively; the methods that apply are those a replay calls too. What a program may do at all (permissions,
 * sticky directories, mount points) the kernel has checked.
 */
final class Names {
    private static final Logger LOG = LoggerFactory.getLogger(Names.class);
    private static final int MAX_LINKS = 65_000;
    private static final int NO_REPLACE = 1;
    private static final int EXCHANGE = 2;
    private static final int SET_GROUP_ID = 02000;

    private final Workspace workspace;
    private final Nodes nodes;
    private final EditLog log;

    /** How many more names there are than the base has. */
    private final AtomicLong more = new AtomicLong();

    private volatile long frozenMore;

    /** The base whose names were counted last, and how many they were. */
    private @Nullable Root counted;

    private long countedNames;

    Names(Workspace workspace, Nodes nodes, EditLog log) {
        this.workspace = workspace;
        this.nodes = nodes;
        this.log = log;
    }

    /** How many names the bookmark shows. The first time they are counted, then what differs is. Names lock held exclusively. */
    private long shown() {
        Root base = workspace.base();
        Root last = counted;
        if (last == null) {
            countedNames = Trees.names(workspace.objects(), base.directory().content());
        } else if (!last.equals(base)) {
            countedNames += Trees.moreNames(workspace.objects(), last, base);
        }
        counted = base;
        return countedNames + more.get();
    }

    /** The names there are now are to be stored. */
    void frozen() {
        frozenMore = more.get();
    }

    /** What was frozen last is in the base. */
    void stored() {
        more.addAndGet(-frozenMore);
        frozenMore = 0;
    }

    /** The base is what is shown. */
    void dropped() {
        more.set(0);
        frozenMore = 0;
    }

    /** A rename as it is asked for and journaled. */
    record Rename(DirectoryNode from, Name name, DirectoryNode to, Name newName, int flags) {
        boolean isExchange() {
            return (flags & EXCHANGE) != 0;
        }
    }

    /** What a new node is made of, besides who makes it. */
    record Blank(EntryType type, byte[] payload) {}

    /** Journals where a node is and marks it as edited, once after each cut. Names lock held exclusively. */
    void prepare(Node node) throws PosixException {
        if (node.preparedEpoch() == workspace.epoch()) {
            return;
        }
        TreePath path = nodes.path(node);
        if (path != null) {
            log.bind(node.fileId(), path);
        } else if (node instanceof FileNode file) {
            bindUnnamed(file);
        }
        nodes.markEdited(node);
        node.setPreparedEpoch(workspace.epoch());
    }

    /** Journals the whole state of the held files without a name, since no root has them. Gate closed, epoch begun. */
    void bindAllUnnamed() {
        try {
            for (FileNode file : nodes.heldUnnamed()) {
                bindUnnamed(file);
                file.setPreparedEpoch(workspace.epoch());
            }
        } catch (PosixException e) {
            throw new StoreException(StoreException.Kind.NO_SPACE, "The journal takes no more", e);
        }
    }

    /** The same after what cannot be taken back: if it fails, they do not survive the death of this process. */
    void tryBindAllUnnamed() {
        try {
            bindAllUnnamed();
        } catch (StoreException e) {
            LOG.warn("Files without a name would not survive a restart", e);
        }
    }

    private void bindUnnamed(FileNode file) throws PosixException {
        file.lock().readLock().lock();
        try {
            log.bindUnnamed(file.fileId(), file.attributes(), file.isUnnamed() ? 1 : 0, file.content());
        } finally {
            file.lock().readLock().unlock();
        }
    }

    /** @param directory null together with {@code name}: a file without a name */
    Node create(@Nullable DirectoryNode directory, @Nullable Name name, NewFile file, Blank blank)
            throws PosixException {
        workspace.gate().requireWritable();
        nodes.lock().writeLock().lock();
        try {
            if (directory != null && name != null) {
                checkFree(directory, name);
            }
            workspace.room().requireBytes(0);
            if (directory != null && name != null) {
                workspace.context().room().requireName(this::shown);
                prepare(directory);
            }
            Attributes attributes = attributes(directory, file, blank.type());
            TreeEntry entry = entry(workspace.context().fileIds().next(), blank.type(), attributes, blank.payload());
            long lsn = log.create(name == null ? null : directory, name, entry, file.cause());
            return applyCreate(name == null ? null : directory, name, entry, lsn);
        } finally {
            nodes.lock().writeLock().unlock();
        }
    }

    /** What a new file has of who makes it and of the directory it is made in. */
    private Attributes attributes(@Nullable DirectoryNode directory, NewFile file, EntryType type) {
        Timestamp now = workspace.context().now();
        Attributes blank = Attributes.NONE
                .withMode(file.mode())
                .withOwner(file.uid(), file.gid())
                .withTimes(now, now);
        if (directory == null || type == EntryType.SYMLINK) {
            return inGroupOf(directory, blank, type);
        }
        boolean isDirectory = type == EntryType.DIRECTORY;
        return inGroupOf(directory, AccessList.inherit(blank, file.umask(), directory.attributes(), isDirectory), type);
    }

    private static Attributes inGroupOf(@Nullable DirectoryNode directory, Attributes made, EntryType type) {
        if (directory == null || (directory.attributes().mode() & SET_GROUP_ID) == 0) {
            return made;
        }
        int bit = type == EntryType.DIRECTORY ? SET_GROUP_ID : 0;
        return made.withOwner(made.uid(), directory.attributes().gid()).withMode(made.mode() | bit);
    }

    static TreeEntry entry(int fileId, EntryType type, Attributes attributes, byte[] payload) {
        return switch (type) {
            case FILE -> TreeEntry.file(fileId, attributes, 0, null);
            case DIRECTORY -> TreeEntry.directory(fileId, attributes, 0, null);
            case SYMLINK -> TreeEntry.symlink(fileId, attributes, payload);
            case FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> TreeEntry.special(fileId, type, attributes, payload);
            case LINKED -> throw new IllegalArgumentException("a file has a type of its own");
        };
    }

    private void checkFree(DirectoryNode directory, Name name) throws PosixException {
        if (nodes.find(directory, name) != null) {
            throw new PosixException(Errno.EEXIST);
        }
        checkAlive(directory);
    }

    private static void checkAlive(DirectoryNode directory) throws PosixException {
        if (directory.isRemoved()) {
            throw new PosixException(Errno.ENOENT);
        }
    }

    Node applyCreate(@Nullable DirectoryNode directory, @Nullable Name name, TreeEntry entry, long lsn) {
        Node node = nodes.create(entry);
        node.edit(node.attributes(), lsn);
        node.setPreparedEpoch(workspace.epoch());
        nodes.add(node);
        if (directory != null && name != null) {
            addName(directory, name, node);
            stampDirectory(directory, entry.attributes().mtime(), lsn);
        } else if (node instanceof FileNode file) {
            file.setUnnamed(true);
            nodes.noteUnnamed(file);
        }
        return node;
    }

    void link(Node node, DirectoryNode directory, Name name, EditLog.Cause cause) throws PosixException {
        workspace.gate().requireWritable();
        nodes.lock().writeLock().lock();
        try {
            checkFree(directory, name);
            if (node instanceof DirectoryNode) {
                throw new PosixException(Errno.EPERM);
            }
            boolean unnamed = node instanceof FileNode file && file.isUnnamed();
            if (node.places().isEmpty() && !unnamed) {
                throw new PosixException(Errno.ENOENT);
            }
            if (node.places().size() >= MAX_LINKS) {
                throw new PosixException(Errno.EMLINK);
            }
            workspace.context().room().requireName(this::shown);
            prepare(directory);
            prepare(node);
            Timestamp now = workspace.context().now();
            applyLink(directory, name, node, now, log.link(directory, name, node, now, cause));
        } finally {
            nodes.lock().writeLock().unlock();
        }
    }

    void applyLink(DirectoryNode directory, Name name, Node node, Timestamp time, long lsn) {
        addName(directory, name, node);
        Place first = node.places().first();
        if (first != null && node.places().size() == 2) {
            // The name it had becomes LINKED.
            nodes.touch(first.directory(), first.name(), Optional.of(node));
        }
        if (node instanceof FileNode file) {
            file.setUnnamed(false);
        }
        nodes.markEdited(node);
        stampNode(node, time, lsn);
        stampDirectory(directory, time, lsn);
    }

    void remove(DirectoryNode directory, Name name, boolean wantDirectory, EditLog.Cause cause) throws PosixException {
        workspace.gate().requireWritable();
        nodes.lock().writeLock().lock();
        try {
            Node node = existing(directory, name);
            if (node instanceof DirectoryNode removed) {
                if (!wantDirectory) {
                    throw new PosixException(Errno.EISDIR);
                }
                checkEmpty(removed);
            } else if (wantDirectory) {
                throw new PosixException(Errno.ENOTDIR);
            }
            prepare(directory);
            Timestamp now = workspace.context().now();
            applyUnlink(directory, name, node, now, log.unlink(directory, name, node, now, cause));
        } finally {
            nodes.lock().writeLock().unlock();
        }
    }

    private Node existing(DirectoryNode directory, Name name) throws PosixException {
        Node node = nodes.find(directory, name);
        if (node == null) {
            throw new PosixException(Errno.ENOENT);
        }
        return node;
    }

    private static void checkEmpty(DirectoryNode directory) throws PosixException {
        if (directory.entries() > 0) {
            throw new PosixException(Errno.ENOTEMPTY);
        }
    }

    void applyUnlink(DirectoryNode directory, Name name, Node node, Timestamp time, long lsn) {
        removeName(directory, name, node);
        if (node instanceof DirectoryNode removed) {
            removed.removed();
        }
        stampNode(node, time, lsn);
        stampDirectory(directory, time, lsn);
        nodes.dropIfEnded(node);
    }

    void rename(Rename rename, EditLog.Cause cause) throws PosixException {
        workspace.gate().requireWritable();
        int flags = rename.flags();
        if ((flags & ~(NO_REPLACE | EXCHANGE)) != 0 || flags == (NO_REPLACE | EXCHANGE)) {
            throw new PosixException(Errno.EINVAL);
        }
        nodes.lock().writeLock().lock();
        try {
            Node source = existing(rename.from(), rename.name());
            Node target = nodes.find(rename.to(), rename.newName());
            check(rename, source, target);
            if (source == target) {
                return;
            }
            prepare(rename.from());
            prepare(rename.to());
            Timestamp now = workspace.context().now();
            applyRename(rename, now, log.rename(rename, now, cause));
        } finally {
            nodes.lock().writeLock().unlock();
        }
    }

    /** In the order of the kernel's own checks, so that the errno is the same where several hold. */
    private static void check(Rename rename, Node source, @Nullable Node target) throws PosixException {
        if (target != null && (rename.flags() & NO_REPLACE) != 0) {
            throw new PosixException(Errno.EEXIST);
        }
        if (target == null && rename.isExchange()) {
            throw new PosixException(Errno.ENOENT);
        }
        if (source instanceof DirectoryNode moved && Nodes.isBelow(rename.to(), moved)) {
            throw new PosixException(Errno.EINVAL);
        }
        if (target instanceof DirectoryNode replaced && Nodes.isBelow(rename.from(), replaced)) {
            throw new PosixException(rename.isExchange() ? Errno.EINVAL : Errno.ENOTEMPTY);
        }
        if (source == target) {
            return;
        }
        checkAlive(rename.to());
        if (target == null || rename.isExchange()) {
            return;
        }
        if (source instanceof DirectoryNode) {
            if (!(target instanceof DirectoryNode replaced)) {
                throw new PosixException(Errno.ENOTDIR);
            }
            checkEmpty(replaced);
        } else if (target instanceof DirectoryNode) {
            throw new PosixException(Errno.EISDIR);
        }
    }

    void applyRename(Rename rename, Timestamp time, long lsn) {
        Node source = Objects.requireNonNull(nodes.find(rename.from(), rename.name()));
        Node target = nodes.find(rename.to(), rename.newName());
        moveLinksBelow(source, lsn);
        if (target != null && rename.isExchange()) {
            moveLinksBelow(target, lsn);
        }
        if (target != null) {
            removeName(rename.to(), rename.newName(), target);
        }
        removeName(rename.from(), rename.name(), source);
        addName(rename.to(), rename.newName(), source);
        nodes.markEdited(source);
        stampNode(source, time, lsn);
        if (target != null) {
            if (rename.isExchange()) {
                addName(rename.from(), rename.name(), target);
                nodes.markEdited(target);
            } else if (target instanceof DirectoryNode replaced) {
                replaced.removed();
            }
            stampNode(target, time, lsn);
            nodes.dropIfEnded(target);
        }
        stampDirectory(rename.from(), time, lsn);
        stampDirectory(rename.to(), time, lsn);
    }

    /** Files with several names below a directory that moves get other paths by that: an edit of each. */
    private void moveLinksBelow(Node moved, long lsn) {
        if (moved instanceof DirectoryNode directory) {
            for (Map.Entry<Integer, Node> each : nodes.linkedBelow(directory).entrySet()) {
                Node node = each.getValue();
                nodes.linkEdits().put(each.getKey(), node);
                node.raiseStamp(lsn);
            }
        }
    }

    private void addName(DirectoryNode directory, Name name, Node node) {
        node.addPlace(new Place(directory, name));
        more.incrementAndGet();
        directory.count(node, 1);
        nodes.touch(directory, name, Optional.of(node));
    }

    private void removeName(DirectoryNode directory, Name name, Node node) {
        boolean linked = node.places().size() > 1;
        node.removePlace(new Place(directory, name));
        more.decrementAndGet();
        directory.count(node, -1);
        nodes.touch(directory, name, Optional.empty());
        nodes.noteUnnamed(node);
        if (linked) {
            // Its record changes or goes; with one name left, that one becomes a plain entry again.
            nodes.linkEdits().put(node.fileId(), node);
            nodes.markEdited(node);
        }
    }

    private static void stampDirectory(DirectoryNode directory, Timestamp time, long lsn) {
        directory.edit(directory.attributes().withTimes(time, time), lsn);
    }

    private static void stampNode(Node node, Timestamp time, long lsn) {
        if (node instanceof FileNode file) {
            file.lock().writeLock().lock();
            try {
                node.edit(node.attributes().withTimes(node.attributes().mtime(), time), lsn);
            } finally {
                file.lock().writeLock().unlock();
            }
        } else {
            node.edit(node.attributes().withTimes(node.attributes().mtime(), time), lsn);
        }
    }
}

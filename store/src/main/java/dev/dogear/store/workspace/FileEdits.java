package dev.dogear.store.workspace;

import dev.dogear.store.StoreException;
import dev.dogear.store.access.AccessList;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.FileContent.Piece;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Reads and edits of single files: content, attributes, extended attributes. Each edit is checked, then journaled, then
 * applied, with the file's lock held (the names lock for what is no regular file); the methods that apply are those a
 * replay calls too.
 */
final class FileEdits {
    /** What the kernel lets through: it writes into its cache whatever we say here, and an error would come too late. */
    private static final long MAX_BYTES = Long.MAX_VALUE;

    /** Longer writes are journaled in pieces of this size. */
    private static final int PIECE_BYTES = 1 << 20;

    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 16;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;
    private static final int XATTR_NAME_MAX = 255;
    private static final int XATTR_VALUE_MAX = 65_536;
    private static final int XATTRS_BYTES_MAX = 65_536 + 4096;
    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int GROUP_EXECUTE = 010;

    private final Workspace workspace;
    private final Nodes nodes;
    private final Names names;
    private final EditLog log;
    /** Regular files with bytes that only the journal has; those that have none any more are in it too, for a while. */
    private final Set<FileNode> journaled = ConcurrentHashMap.newKeySet();

    private final AtomicLong unstoredBytes = new AtomicLong();
    private volatile long frozenBytes;

    FileEdits(Workspace workspace, Nodes nodes, Names names, EditLog log) {
        this.workspace = workspace;
        this.nodes = nodes;
        this.names = names;
        this.log = log;
    }

    NodeAttributes attributes(FileNode file) {
        file.lock().readLock().lock();
        try {
            return new NodeAttributes(
                    workspace.inode(file),
                    file.type(),
                    file.attributes(),
                    file.atime(),
                    file.places().size(),
                    file.content().size(),
                    file.content().allocatedBytes(),
                    0);
        } finally {
            file.lock().readLock().unlock();
        }
    }

    int read(FileNode file, long offset, ByteBuffer target) throws PosixException {
        file.lock().readLock().lock();
        try {
            return file.content().readUpTo(offset, target);
        } catch (StoreException e) {
            throw PosixException.of(e);
        } finally {
            file.lock().readLock().unlock();
        }
    }

    /** Before an edit of the file and before its lock is taken: the names lock comes first. */
    private void prepare(Node node) throws PosixException {
        if (node.preparedEpoch() == workspace.epoch()) {
            return;
        }
        nodes.lock().writeLock().lock();
        try {
            names.prepare(node);
        } finally {
            nodes.lock().writeLock().unlock();
        }
    }

    private static void checkRange(long offset, long length) throws PosixException {
        if (offset < 0 || length < 0) {
            throw new PosixException(Errno.EINVAL);
        }
        if (offset > MAX_BYTES - length) {
            throw new PosixException(Errno.EFBIG);
        }
    }

    void write(FileNode file, long offset, ByteBuffer source) throws PosixException {
        write(file, offset, source, false);
    }

    void writeBack(FileNode file, long offset, ByteBuffer source) throws PosixException {
        write(file, offset, source, true);
    }

    private void write(FileNode file, long offset, ByteBuffer source, boolean keepTime) throws PosixException {
        workspace.gate().requireWritable();
        checkRange(offset, source.remaining());
        prepare(file);
        int end = source.limit();
        file.lock().writeLock().lock();
        try {
            requireFileBytes(file, offset + source.remaining());
            workspace.context().room().requireBytes(source.remaining());
            long at = offset;
            while (source.position() < end) {
                int length = Math.min(PIECE_BYTES, end - source.position());
                source.limit(source.position() + length);
                Timestamp now = keepTime
                        ? file.attributes().mtime()
                        : workspace.context().now();
                EditLog.Written written = log.write(file.fileId(), at, now, source);
                source.position(source.limit());
                applyWrite(file, at, Piece.journaled(length, written.lsn(), written.position()), now);
                at += length;
            }
        } finally {
            source.limit(end);
            file.lock().writeLock().unlock();
        }
    }

    void applyWrite(FileNode file, long offset, Piece piece, Timestamp time) {
        file.content().put(offset, piece);
        noteJournaled(file);
        unstoredBytes.addAndGet(piece.length());
        touch(file, time, piece.lsn());
    }

    /** With the file's lock held. */
    private void requireFileBytes(FileNode file, long after) throws PosixException {
        workspace.context().room().requireFileBytes(file.content().size(), after);
    }

    long unstoredBytes() {
        return unstoredBytes.get();
    }

    /** What was written so far is to be stored. */
    void frozen() {
        frozenBytes = unstoredBytes.get();
        names.frozen();
    }

    /** What was frozen last is stored. */
    void stored() {
        unstoredBytes.addAndGet(-frozenBytes);
        frozenBytes = 0;
        names.stored();
    }

    /** What was written is no edit any more. */
    void dropped() {
        unstoredBytes.set(0);
        frozenBytes = 0;
        names.dropped();
    }

    private static void touch(FileNode file, Timestamp time, long lsn) {
        file.edit(file.attributes().withTimes(time, time), lsn);
    }

    void allocate(FileNode file, int mode, long offset, long length) throws PosixException {
        workspace.gate().requireWritable();
        boolean keepSize = (mode & KEEP_SIZE) != 0;
        int action = mode & ~KEEP_SIZE;
        if ((action != 0 && action != PUNCH_HOLE && action != ZERO_RANGE) || (action == PUNCH_HOLE && !keepSize)) {
            throw new PosixException(Errno.EOPNOTSUPP);
        }
        if (length == 0) {
            throw new PosixException(Errno.EINVAL);
        }
        checkRange(offset, length);
        prepare(file);
        file.lock().writeLock().lock();
        try {
            long size = file.content().size();
            long newSize = keepSize ? size : Math.max(size, offset + length);
            requireFileBytes(file, newSize);
            long holeEnd = action == 0 ? offset : Math.min(offset + length, size);
            // Without effect it is an edit all the same: it sets the times.
            Timestamp now = workspace.context().now();
            Piece hole = Piece.hole(Math.max(0, holeEnd - offset), 0);
            long lsn = log.hole(file.fileId(), hole, offset, newSize, now);
            applyHole(file, offset, Piece.hole(hole.length(), lsn), newSize, now);
        } finally {
            file.lock().writeLock().unlock();
        }
    }

    void applyHole(FileNode file, long offset, Piece hole, long newSize, Timestamp time) {
        if (hole.length() > 0) {
            file.content().put(offset, hole);
        }
        file.content().resize(newSize, hole.lsn());
        touch(file, time, hole.lsn());
    }

    long seek(FileNode file, long offset, int whence) throws PosixException {
        if (whence != SEEK_DATA && whence != SEEK_HOLE) {
            throw new PosixException(Errno.EINVAL);
        }
        file.lock().readLock().lock();
        try {
            FileContent content = file.content();
            if (offset < 0 || offset >= content.size()) {
                throw new PosixException(Errno.ENXIO);
            }
            long found = content.isHole(offset) == (whence == SEEK_HOLE) ? offset : content.runEnd(offset);
            if (found >= content.size() && whence == SEEK_DATA) {
                throw new PosixException(Errno.ENXIO);
            }
            return found;
        } catch (StoreException e) {
            throw PosixException.of(e);
        } finally {
            file.lock().readLock().unlock();
        }
    }

    long copyRange(FileNode from, long fromOffset, FileNode to, long toOffset, long length) throws PosixException {
        workspace.gate().requireWritable();
        checkRange(fromOffset, 0);
        checkRange(toOffset, length);
        if (from == to && Math.abs(fromOffset - toOffset) < length) {
            throw new PosixException(Errno.EINVAL);
        }
        prepare(from);
        prepare(to);
        boolean inOrder = Integer.compareUnsigned(from.fileId(), to.fileId()) <= 0;
        Lock first = (inOrder ? from : to).lock().writeLock();
        Lock second = (inOrder ? to : from).lock().writeLock();
        first.lock();
        second.lock();
        try {
            long count = Math.min(length, from.content().size() - fromOffset);
            if (count <= 0) {
                return 0;
            }
            requireFileBytes(to, toOffset + count);
            Timestamp now = workspace.context().now();
            long[] offsets = {fromOffset, toOffset, count};
            applyCopy(from, to, offsets, now, log.copy(from.fileId(), to.fileId(), offsets, now));
            return count;
        } finally {
            second.unlock();
            first.unlock();
        }
    }

    /** @param offsets in the source, in the target, and the length */
    void applyCopy(FileNode from, FileNode to, long[] offsets, Timestamp time, long lsn) {
        List<Piece> pieces = from.content().copy(offsets[0], offsets[0] + offsets[2], lsn);
        long at = offsets[1];
        for (Piece piece : pieces) {
            to.content().put(at, piece);
            at += piece.length();
        }
        to.content().resize(Math.max(to.content().size(), at), lsn);
        noteJournaled(to);
        touch(to, time, lsn);
    }

    void change(Node node, AttributeChange change, boolean keepSetId) throws PosixException {
        @Nullable Long size = change.size();
        if (size != null) {
            if (!(node instanceof FileNode)) {
                throw new PosixException(node instanceof DirectoryNode ? Errno.EISDIR : Errno.EINVAL);
            }
            checkRange(size, 0);
        }
        edit(
                node,
                () -> {
                    @Nullable
                    Long newSize = node instanceof FileNode file
                                    && size != null
                                    && size != file.content().size()
                            ? size
                            : null;
                    if (newSize != null && node instanceof FileNode file) {
                        requireFileBytes(file, newSize);
                    }
                    Timestamp now = workspace.context().now();
                    Attributes changed = changed(node, change, newSize == null ? null : now, now);
                    if (size != null && change.mode() == null && !keepSetId) {
                        changed = changed.withMode(withoutSetId(changed.mode()));
                    }
                    return new Edit(changed, change.atime() == null ? node.atime() : change.atime(), newSize);
                },
                EditLog.Cause.NONE);
    }

    private static Attributes changed(Node node, AttributeChange change, @Nullable Timestamp resized, Timestamp now) {
        Attributes old = node.attributes();
        int mode = change.mode() == null ? old.mode() : change.mode();
        boolean chown = change.uid() != null || change.gid() != null;
        if (chown && change.mode() == null && !(node instanceof DirectoryNode)) {
            mode = withoutSetId(mode);
        }
        Timestamp mtime = change.mtime() != null ? change.mtime() : resized != null ? resized : old.mtime();
        return AccessList.chmod(old, mode)
                .withOwner(
                        change.uid() == null ? old.uid() : change.uid(),
                        change.gid() == null ? old.gid() : change.gid())
                .withTimes(mtime, change.ctime() == null ? now : change.ctime());
    }

    /** A set-group-id bit without the right to execute stood for mandatory locks and stays. */
    private static int withoutSetId(int mode) {
        int cleared = mode & ~SET_USER_ID;
        return (cleared & GROUP_EXECUTE) != 0 ? cleared & ~SET_GROUP_ID : cleared;
    }

    void setXattr(Node node, String name, byte[] value, int flags, EditLog.Cause cause) throws PosixException {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes == 0 || nameBytes > XATTR_NAME_MAX) {
            throw new PosixException(Errno.ERANGE);
        }
        if (value.length > XATTR_VALUE_MAX) {
            throw new PosixException(Errno.E2BIG);
        }
        if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) != 0) {
            throw new PosixException(Errno.EINVAL);
        }
        edit(
                node,
                () -> {
                    Xattrs old = node.attributes().xattrs();
                    boolean exists = old.get(name) != null;
                    if (exists && (flags & XATTR_CREATE) != 0) {
                        throw new PosixException(Errno.EEXIST);
                    }
                    if (!exists && (flags & XATTR_REPLACE) != 0) {
                        throw new PosixException(Errno.ENODATA);
                    }
                    if (Arrays.equals(old.get(name), value)) {
                        return null;
                    }
                    Xattrs changed = old.with(name, value);
                    if (bytes(changed) > XATTRS_BYTES_MAX) {
                        throw new PosixException(Errno.ENOSPC);
                    }
                    return withXattrs(node, changed);
                },
                cause);
    }

    /** @param value empty takes the list away */
    void setAccessList(Node node, String name, byte[] value, EditLog.Cause cause) throws PosixException {
        if (AccessList.isEmpty(value)) {
            edit(
                    node,
                    () -> {
                        Xattrs old = node.attributes().xattrs();
                        return old.get(name) == null ? null : withXattrs(node, old.without(name));
                    },
                    cause);
            return;
        }
        if (name.equals(AccessList.DEFAULT) && !(node instanceof DirectoryNode)) {
            throw new PosixException(Errno.EACCES);
        }
        try {
            AccessList.of(value);
        } catch (IllegalArgumentException e) {
            throw new PosixException(Errno.EINVAL);
        }
        edit(
                node,
                () -> {
                    Attributes old = node.attributes();
                    Attributes changed = name.equals(AccessList.DEFAULT)
                            ? old.withXattrs(old.xattrs().with(name, value))
                            : AccessList.set(old, value);
                    Timestamp now = workspace.context().now();
                    return new Edit(changed.withTimes(old.mtime(), now), node.atime(), null);
                },
                cause);
    }

    private static long bytes(Xattrs xattrs) {
        long bytes = 0;
        for (Map.Entry<String, byte[]> each : xattrs.asMap().entrySet()) {
            bytes += each.getKey().length() + each.getValue().length;
        }
        return bytes;
    }

    void removeXattr(Node node, String name, EditLog.Cause cause) throws PosixException {
        edit(
                node,
                () -> {
                    if (node.attributes().xattrs().get(name) == null) {
                        throw new PosixException(Errno.ENODATA);
                    }
                    return withXattrs(node, node.attributes().xattrs().without(name));
                },
                cause);
    }

    private Edit withXattrs(Node node, Xattrs xattrs) {
        Attributes old = node.attributes();
        return new Edit(old.withTimes(old.mtime(), workspace.context().now()).withXattrs(xattrs), node.atime(), null);
    }

    /** What a change of attributes comes to. */
    record Edit(
            Attributes attributes,
            Timestamp atime,
            @Nullable Long size) {}

    /** Finds out, under the node's lock, what it is to become; null leaves all as it is. */
    @FunctionalInterface
    private interface Decision {
        @Nullable
        Edit make() throws PosixException;
    }

    private void edit(Node node, Decision decision, EditLog.Cause cause) throws PosixException {
        workspace.gate().requireWritable();
        prepare(node);
        Lock lock = lockOf(node);
        lock.lock();
        try {
            Edit edit = decision.make();
            if (edit == null) {
                return;
            }
            // What has no name and is no regular file can't come back: no replay will look for it.
            boolean journaled = node instanceof FileNode || nodes.isNamed(node);
            long lsn = journaled
                    ? log.attributes(node.fileId(), edit.attributes(), edit.atime(), edit.size(), cause)
                    : node.stamp();
            applyEdit(node, edit, lsn);
        } finally {
            lock.unlock();
        }
    }

    private Lock lockOf(Node node) {
        return node instanceof FileNode file
                ? file.lock().writeLock()
                : nodes.lock().writeLock();
    }

    void applyEdit(Node node, Edit edit, long lsn) {
        node.edit(edit.attributes(), lsn);
        node.setAtime(edit.atime());
        if (edit.size() != null && node instanceof FileNode file) {
            file.content().resize(edit.size(), lsn);
        }
    }

    /** The file may have bytes that only the journal has. With its lock held, or in a replay. */
    void noteJournaled(FileNode file) {
        journaled.add(file);
    }

    /** The least journal position any file in memory, named or not, still has bytes at; in time that follows the edited ones. */
    long oldestPosition() {
        long oldest = Long.MAX_VALUE;
        for (Iterator<FileNode> files = journaled.iterator(); files.hasNext(); ) {
            FileNode file = files.next();
            // Until it is taken out, or a write that puts it in again would come in between.
            file.lock().readLock().lock();
            try {
                boolean ended = nodes.get(file.fileId()) != file;
                long position = ended ? Long.MAX_VALUE : file.content().oldestPosition();
                oldest = Math.min(oldest, position);
                if (position == Long.MAX_VALUE) {
                    files.remove();
                }
            } finally {
                file.lock().readLock().unlock();
            }
        }
        return oldest;
    }
}

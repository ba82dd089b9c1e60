package dev.dogear.store.workspace;

import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The live state of one bookmark: a stored root plus the edits since. Every method that reads or edits expects the caller
 * to be inside the {@link #gate()}. An edit is in the journal when its method returns.
 */
public final class Workspace {
    /** The bookmark's number in its store: the high half of inode numbers. */
    public int number() {
        throw new UnsupportedOperationException();
    }

    /** What every reader and editor enters first. */
    public Gate gate() {
        throw new UnsupportedOperationException();
    }

    /** The bookmark's directory; the same node for the life of the workspace. */
    public DirectoryNode root() {
        throw new UnsupportedOperationException();
    }

    /** The loaded node of that file id, or null. */
    public @Nullable Node node(int fileId) {
        throw new UnsupportedOperationException();
    }

    /** @throws PosixException ENOENT */
    public Node lookup(DirectoryNode directory, Name name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** The directory above; the root's parent is the root. */
    public DirectoryNode parent(DirectoryNode directory) {
        throw new UnsupportedOperationException();
    }

    /** What stat tells. */
    public NodeAttributes attributes(Node node) {
        throw new UnsupportedOperationException();
    }

    /** Sets attributes, truncates or extends. Set-id bits are cleared on chown and truncate as ext4 does unless {@code keepSetId}. */
    public NodeAttributes change(Node node, AttributeChange change) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Shows entries with a cookie of at least {@code fromCookie} (not {@code .} and {@code ..}) until the visitor says false. */
    public void list(DirectoryNode directory, long fromCookie, Listing visitor) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public FileNode createFile(DirectoryNode directory, Name name, NewFile file) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** A regular file without a name (O_TMPFILE). */
    public FileNode createUnnamed(DirectoryNode directory, NewFile file) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public DirectoryNode createDirectory(DirectoryNode directory, Name name, NewFile file) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** {@code typeBits} as in st_mode: regular file, FIFO, socket or device. */
    public Node createSpecial(DirectoryNode directory, Name name, NewFile file, int typeBits, long device)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    public OtherNode createSymlink(DirectoryNode directory, Name name, byte[] target, NewFile file)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Gives {@code node} one more name. */
    public void link(Node node, DirectoryNode directory, Name name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void unlink(DirectoryNode directory, Name name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void removeDirectory(DirectoryNode directory, Name name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param flags RENAME_NOREPLACE (1), RENAME_EXCHANGE (2); others are EINVAL */
    public void rename(DirectoryNode from, Name name, DirectoryNode to, Name newName, int flags) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code target} from {@code offset}, up to the end of the file; returns the number of bytes. */
    public int read(FileNode file, long offset, ByteBuffer target) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Writes all of {@code source} (direct buffer preferred) at {@code offset}. */
    public void write(FileNode file, long offset, ByteBuffer source) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** fallocate(2): {@code mode} is its flags; EOPNOTSUPP for those not known. */
    public void allocate(FileNode file, int mode, long offset, long length) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** lseek(2) SEEK_DATA (3) or SEEK_HOLE (4). */
    public long seek(FileNode file, long offset, int whence) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Copies content by reference where it can. @return bytes copied */
    public long copyRange(FileNode from, long fromOffset, FileNode to, long toOffset, long length)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** The target; not to be written to. */
    public byte[] readLink(Node node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param flags XATTR_CREATE (1), XATTR_REPLACE (2) */
    public void setXattr(Node node, String name, byte[] value, int flags) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void removeXattr(Node node, String name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Completes when all edits so far survive a power cut. */
    public CompletableFuture<Void> sync() {
        throw new UnsupportedOperationException();
    }

    /** One more answer to the kernel named this node. */
    public void retain(Node node) {
        throw new UnsupportedOperationException();
    }

    /** The kernel forgets {@code count} of those; at zero a clean node may leave memory, an unlinked closed one ends. */
    public void release(Node node, long count) {
        throw new UnsupportedOperationException();
    }

    /** One more handle is open on the node, {@code writable} or not. */
    public void opened(FileNode file, boolean writable) {
        throw new UnsupportedOperationException();
    }

    /** A handle was closed. */
    public void closed(FileNode file, boolean writable) {
        throw new UnsupportedOperationException();
    }

    /** The files with a writable handle: what a push goes over. */
    public List<FileNode> writableFiles() {
        throw new UnsupportedOperationException();
    }

    /** How paths differ from the bookmark's change, without storing anything but file content already settled; takes the gate itself. */
    public List<PathChange> edits() {
        throw new UnsupportedOperationException();
    }

    /** Number of edited files (0 = clean), cheap. */
    public int editCount() {
        throw new UnsupportedOperationException();
    }

    /** The stored root the edits are relative to. */
    public Root base() {
        throw new UnsupportedOperationException();
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
}

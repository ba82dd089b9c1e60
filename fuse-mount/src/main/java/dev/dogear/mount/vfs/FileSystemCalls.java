package dev.dogear.mount.vfs;

import dev.dogear.store.history.Store;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The mounted file system: one method for each kernel request, on node ids. Transports call it from any thread.
 *
 * <p>A node id is {@code bookmark number << 32 | file id}; the levels above bookmarks have bookmark number 0, the mount's
 * root is {@link #ROOT}.
 */
public final class FileSystemCalls {
    /** The node id of the mount's root directory. */
    public static final long ROOT = 1;

    public FileSystemCalls(Store store) {
        throw new UnsupportedOperationException();
    }

    public Entry lookup(Caller caller, long parent, byte[] name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void forget(long node, long count) {
        throw new UnsupportedOperationException();
    }

    public NodeAttributes getattr(Caller caller, long node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param handle 0 if none */
    public NodeAttributes setattr(Caller caller, long node, long handle, AttributeChange change) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public byte[] readlink(Caller caller, long node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param mode with type bits, umask applied; {@code device} of a device node */
    public Entry mknod(Caller caller, long parent, byte[] name, int mode, long device) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public Entry mkdir(Caller caller, long parent, byte[] name, int mode) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public Entry symlink(Caller caller, long parent, byte[] name, byte[] target) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public Entry link(Caller caller, long node, long parent, byte[] name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void unlink(Caller caller, long parent, byte[] name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void rmdir(Caller caller, long parent, byte[] name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void rename(Caller caller, long parent, byte[] name, long newParent, byte[] newName, int flags)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param flags of open(2) */
    public OpenFile open(Caller caller, long node, int flags) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** What CREATE answers. */
    public record Created(Entry entry, OpenFile file) {}

    /** Makes and opens a file, or opens the one there is (O_EXCL was the kernel's to check, and is checked again). */
    public Created create(Caller caller, long parent, byte[] name, int flags, int mode) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** A file without a name, opened. */
    public Created tmpfile(Caller caller, long parent, int flags, int mode) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code target} as far as the file goes; returns the number of bytes. */
    public int read(Caller caller, long node, long handle, long offset, ByteBuffer target) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Writes all of {@code source}. */
    public void write(Caller caller, long node, long handle, long offset, ByteBuffer source) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Completes, perhaps on another thread, when the file's (or directory's) edits survive a power cut. */
    public CompletableFuture<Void> fsync(Caller caller, long node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void release(long node, long handle) {
        throw new UnsupportedOperationException();
    }

    public void fallocate(Caller caller, long node, long handle, long offset, long length, int mode)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    public long lseek(Caller caller, long node, long handle, long offset, int whence) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** What a COPY_FILE_RANGE names. */
    public record CopyRange(long from, long fromOffset, long to, long toOffset, long length) {}

    public long copyFileRange(Caller caller, CopyRange range) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** @param plus with attributes: {@link DirectoryReply#addPlus} */
    public void readdir(Caller caller, long node, long cookie, boolean plus, DirectoryReply reply)
            throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** File system figures. */
    public record Statistics(
            long blocks, long blocksFree, long blocksAvailable, long files, long filesFree, int blockSize) {}

    public Statistics statfs(Caller caller, long node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public byte[] getxattr(Caller caller, long node, String name) throws PosixException {
        throw new UnsupportedOperationException();
    }

    /** Names, each ended by a NUL. */
    public byte[] listxattr(Caller caller, long node) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void setxattr(Caller caller, long node, String name, byte[] value, int flags) throws PosixException {
        throw new UnsupportedOperationException();
    }

    public void removexattr(Caller caller, long node, String name) throws PosixException {
        throw new UnsupportedOperationException();
    }
}

package dev.dogear.mount.jnrfuse;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.Delegate;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of libfuse's operations. Those of jnr-fuse take paths as {@code String}, which loses names that are not text in the
 * JVM's charset; here they stay addresses of bytes. What is null in C (the path of a call on an open file) is null here.
 */
final class Callbacks {
    private Callbacks() {}

    /** init. */
    public interface Init {
        @Delegate
        @Nullable
        Pointer invoke(@Nullable Pointer connection);
    }

    /** unlink, rmdir. */
    public interface Path {
        @Delegate
        int invoke(Pointer path);
    }

    /** getattr, statfs, open, opendir, utimens, symlink, rename, link, removexattr. */
    public interface PathAndOne {
        @Delegate
        int invoke(Pointer path, Pointer other);
    }

    /** release, releasedir. */
    public interface Release {
        @Delegate
        int invoke(@Nullable Pointer path, Pointer file);
    }

    /** create. */
    public interface Create {
        @Delegate
        int invoke(Pointer path, int mode, Pointer file);
    }

    /** readlink, listxattr. */
    public interface PathAndRoom {
        @Delegate
        int invoke(Pointer path, @Nullable Pointer room, long size);
    }

    /** mkdir, chmod. */
    public interface PathAndMode {
        @Delegate
        int invoke(Pointer path, int mode);
    }

    /** mknod. */
    public interface Mknod {
        @Delegate
        int invoke(Pointer path, int mode, long device);
    }

    /** chown. */
    public interface Chown {
        @Delegate
        int invoke(Pointer path, int uid, int gid);
    }

    /** truncate. */
    public interface Truncate {
        @Delegate
        int invoke(Pointer path, long size);
    }

    /** ftruncate. */
    public interface OpenTruncate {
        @Delegate
        int invoke(@Nullable Pointer path, long size, Pointer file);
    }

    /** fgetattr. */
    public interface OpenAttributes {
        @Delegate
        int invoke(@Nullable Pointer path, Pointer stat, Pointer file);
    }

    /** read, write. */
    public interface Transfer {
        @Delegate
        int invoke(@Nullable Pointer path, Pointer data, long size, long offset, Pointer file);
    }

    /** fsync, fsyncdir. */
    public interface Sync {
        @Delegate
        int invoke(@Nullable Pointer path, int dataOnly, Pointer file);
    }

    /** readdir. */
    public interface Readdir {
        @Delegate
        int invoke(@Nullable Pointer path, Pointer into, Pointer filler, long offset, Pointer file);
    }

    /** fallocate. */
    public interface Fallocate {
        @Delegate
        int invoke(@Nullable Pointer path, int mode, long offset, long length, Pointer file);
    }

    /** setxattr. */
    public interface Setxattr {
        @Delegate
        int invoke(Pointer path, Pointer name, Pointer value, long size, int flags);
    }

    /** getxattr. */
    public interface Getxattr {
        @Delegate
        int invoke(Pointer path, Pointer name, @Nullable Pointer value, long size);
    }
}

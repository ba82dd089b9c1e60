package dev.dogear.mount.differential;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** System calls with the errno they end with: the result, or the negative errno. Paths are bytes ending in NUL. */
final class LibC {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int O_CLOEXEC = 02000000;
    static final int O_NONBLOCK = 04000;

    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
    static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    private static final long NR_COPY_FILE_RANGE = ARM ? 285 : 326;

    private static final long NR_MMAP = ARM ? 222 : 9;
    private static final long PAGE = 4096;
    private static final int MS_SYNC = 4;
    private static final int CLONE_FS = 0x200;

    private static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

    private LibC() {}

    /** Calls on what a file holds. */
    public interface Contents {
        long read(int fd, @Out byte[] data, long count);

        long pread(int fd, @Out byte[] data, long count, long offset);

        long write(int fd, @In byte[] data, long count);

        long pwrite(int fd, @In byte[] data, long count, long offset);

        long lseek(int fd, long offset, int whence);

        int truncate(@In byte[] path, long size);

        int ftruncate(int fd, long size);

        int fallocate(int fd, int mode, long offset, long length);
    }

    /** Calls that make descriptors or take them. */
    public interface Descriptors {
        int openat(int dir, @In byte[] path, int flags, int mode);

        int close(int fd);

        int fsync(int fd);

        int fdatasync(int fd);

        int fcntl(int fd, int command, long argument);

        int posix_fadvise(int fd, long offset, long length, int advice);

        long getdents64(int fd, @Out byte[] entries, long size);
    }

    /** Calls on names. */
    public interface Names {
        int renameat2(int fromDir, @In byte[] from, int toDir, @In byte[] to, int flags);

        int linkat(int fromDir, @In byte[] from, int toDir, @In byte[] to, int flags);

        int symlinkat(@In byte[] target, int dir, @In byte[] path);

        long readlinkat(int dir, @In byte[] path, @Out byte[] target, long size);

        int unlinkat(int dir, @In byte[] path, int flags);

        int mkdirat(int dir, @In byte[] path, int mode);

        int mknodat(int dir, @In byte[] path, int mode, long device);
    }

    /** Calls on attributes. */
    public interface Metadata {
        int fchmodat(int dir, @In byte[] path, int mode, int flags);

        int fchmod(int fd, int mode);

        int fchownat(int dir, @In byte[] path, int uid, int gid, int flags);

        int utimensat(int dir, @In byte[] path, @In long[] times, int flags);

        int futimens(int fd, @In long[] times);

        int statx(int dir, @In byte[] path, int flags, int mask, @Out byte[] result);
    }

    /** Calls on extended attributes. */
    public interface Xattrs {
        int lsetxattr(@In byte[] path, @In byte[] name, @In byte[] value, long size, int flags);

        long lgetxattr(@In byte[] path, @In byte[] name, @Out byte[] value, long size);

        long llistxattr(@In byte[] path, @Out byte[] names, long size);

        int lremovexattr(@In byte[] path, @In byte[] name);
    }

    /** Calls on the thread and its memory. */
    public interface Surroundings {
        int unshare(int what);

        int umask(int mask);

        int setfsuid(int uid);

        int setfsgid(int gid);

        int munmap(long address, long length);

        int msync(long address, long length, int flags);

        long syscall(long number, long a, long b, long c, long d, long e, long f);
    }

    /** The C library's names. */
    public interface Calls extends Contents, Descriptors, Names, Metadata, Xattrs, Surroundings {}

    /** The calls themselves; give each result to {@link #checked}. */
    static Calls calls() {
        return CALLS;
    }

    /** The result, or the negative errno of the call just made by this thread. */
    static long checked(long result) {
        return result < 0 ? -RUNTIME.getLastError() : result;
    }

    /** Gives the calling thread a umask of its own, none. */
    static void ownUmask() {
        if (CALLS.unshare(CLONE_FS) != 0) {
            throw new IllegalStateException("no umask of its own: errno " + RUNTIME.getLastError());
        }
        CALLS.umask(0);
    }

    /**
     * Puts bytes into a file by a shared map of its own; they have to be inside its size.
     *
     * @param push has them written at once
     * @return the number of bytes, or the negative errno of mmap(2)
     */
    static long storeByMap(int fd, long at, byte[] data, boolean push) {
        long start = at / PAGE * PAGE;
        long length = at - start + data.length + 1;
        long address = checked(CALLS.syscall(NR_MMAP, 0, length, 3, 1, fd, start));
        if (address < 0 && address > -PAGE) {
            return address;
        }
        Pointer.wrap(RUNTIME, address).put(at - start, data, 0, data.length);
        if (push) {
            CALLS.msync(address, length, MS_SYNC);
        }
        CALLS.munmap(address, length);
        return data.length;
    }

    /** copy_file_range(2) between the positions of two descriptors. */
    static long copyFileRange(int from, int to, long length) {
        return checked(CALLS.syscall(NR_COPY_FILE_RANGE, from, 0, to, 0, length, 0));
    }
}

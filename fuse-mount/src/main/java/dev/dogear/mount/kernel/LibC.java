package dev.dogear.mount.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;

/**
 * The system calls a mount needs. Every one gives its result or the negative errno, read on the thread that made the call.
 * Addresses are of native memory and travel as {@code long}; texts as bytes ending in NUL, so that no default charset has a say.
 */
public final class LibC {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 04000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int AT_FDCWD = -100;

    /** Differ between x86 and arm. */
    public static final int O_DIRECTORY;

    public static final int O_NOFOLLOW;

    public static final int EINTR = 4;
    public static final int ENOTCONN = 107;
    public static final int ECONNABORTED = 103;

    private static final Files FILES = LibraryLoader.create(Files.class).load("c");
    private static final Paths PATHS = LibraryLoader.create(Paths.class).load("c");
    private static final Processes PROCESSES =
            LibraryLoader.create(Processes.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(FILES);

    static {
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        O_DIRECTORY = arm ? 040000 : 0200000;
        O_NOFOLLOW = arm ? 0100000 : 0400000;
    }

    private LibC() {}

    /** Calls on descriptors; the names are the C library's. */
    public interface Files {
        long read(int fd, long address, long count);

        long write(int fd, long address, long count);

        int close(int fd);

        int fsync(int fd);

        int dup3(int from, int to, int flags);

        /** Seven arguments even where a call has fewer: JNR passes the sixth of exactly six wrongly. */
        long syscall(long number, long a, long b, long c, long d, long e, long f);
    }

    /** Calls on names. */
    public interface Paths {
        int openat(int directory, @In byte[] path, int flags, int mode);

        int mount(@In byte[] source, @In byte[] target, @In byte[] type, long flags, @In byte[] data);

        int umount2(@In byte[] target, int flags);

        int open_by_handle_at(int mount, long handle, int flags);

        int truncate(@In byte[] path, long size);

        int utimensat(int directory, @In byte[] path, long times, int flags);

        /** Has six arguments: the seventh is for JNR alone. Gives the error itself and leaves errno. */
        int posix_spawnp(
                long pid, @In byte[] file, long actions, long attributes, long arguments, long environment, long none);

        int waitpid(int pid, long status, int options);
    }

    /** Calls about processes and what is handed between them. */
    public interface Processes {
        int poll(long descriptors, long count, int timeoutMs);

        int memfd_create(@In byte[] name, int flags);

        int socketpair(int domain, int type, int protocol, long pair);

        int socket(int domain, int type, int protocol);

        long recvmsg(int socket, long message, int flags);

        long sendmsg(int socket, long message, int flags);

        int setpriority(int which, int who, int priority);
    }

    /** Loads what a first call would load, so that no class is looked for while a mount is waited for. */
    static void preload() {
        read(-1, 0, 0);
        write(-1, 0, 0);
    }

    /** read(2). */
    public static long read(int fd, long address, long count) {
        return checked(FILES.read(fd, address, count));
    }

    /** write(2). */
    public static long write(int fd, long address, long count) {
        return checked(FILES.write(fd, address, count));
    }

    /** close(2). */
    public static int close(int fd) {
        return checked(FILES.close(fd));
    }

    /** fsync(2). */
    public static int fsync(int fd) {
        return checked(FILES.fsync(fd));
    }

    /** socketpair(2) of connected Unix stream sockets, without O_CLOEXEC. */
    public static int socketPair(long pair) {
        return checked(PROCESSES.socketpair(1, 1, 0, pair));
    }

    /** recvmsg(2); descriptors that come along get O_CLOEXEC. */
    public static long receive(int socket, long message) {
        return checked(PROCESSES.recvmsg(socket, message, 0x40000000));
    }

    /** socket(2): a Unix datagram socket with O_CLOEXEC. */
    public static int datagramSocket() {
        return checked(PROCESSES.socket(1, 2 | O_CLOEXEC, 0));
    }

    /** sendmsg(2). */
    public static long send(int socket, long message) {
        return checked(PROCESSES.sendmsg(socket, message, 0));
    }

    /** posix_spawnp(3). The child has every descriptor without O_CLOEXEC. */
    public static int spawn(long pid, String file, long arguments, long environment) {
        return -PATHS.posix_spawnp(pid, text(file), 0, 0, arguments, environment, 0);
    }

    /** waitpid(2). */
    public static int await(int pid, long status) {
        return checked(PATHS.waitpid(pid, status, 0));
    }

    /** dup3(2); without O_CLOEXEC, so that children have it. */
    public static int duplicateTo(int from, int to) {
        return checked(FILES.dup3(from, to, 0));
    }

    /** poll(2). */
    public static int poll(long descriptors, int count, int timeoutMs) {
        return checked(PROCESSES.poll(descriptors, count, timeoutMs));
    }

    /** memfd_create(2), with O_CLOEXEC. */
    public static int memoryFile(String name) {
        return checked(PROCESSES.memfd_create(text(name), 1));
    }

    /** pidfd_open(2), with O_CLOEXEC. */
    public static int openProcess(long pid) {
        return (int) syscall(434, pid);
    }

    /** setpriority(2) of the calling thread. */
    public static int setPriority(int nice) {
        return checked(PROCESSES.setpriority(0, 0, nice));
    }

    /** Puts {@code /dev/null} in the place of what the descriptor names; the number stays taken. */
    static void becomeNull(int fd) {
        int none = openAt(AT_FDCWD, "/dev/null", O_RDWR);
        if (none >= 0) {
            checked(FILES.dup3(none, fd, O_CLOEXEC));
            close(none);
        }
    }

    /** Any system call, by its number, up to six arguments. */
    public static long syscall(long number, long... arguments) {
        long[] all = Arrays.copyOf(arguments, 6);
        return checked(FILES.syscall(number, all[0], all[1], all[2], all[3], all[4], all[5]));
    }

    /** openat(2); always with O_CLOEXEC. */
    public static int openAt(int directory, String path, int flags) {
        return checked(PATHS.openat(directory, text(path), flags | O_CLOEXEC, 0));
    }

    /** mount(2). */
    public static int mount(String source, String target, String type, long flags, String data) {
        return checked(PATHS.mount(text(source), text(target), text(type), flags, text(data)));
    }

    /** umount2(2). */
    public static int unmount(String target, int flags) {
        return checked(PATHS.umount2(text(target), flags));
    }

    /** open_by_handle_at(2); always with O_CLOEXEC. */
    public static int openByHandle(int mount, long handle, int flags) {
        return checked(PATHS.open_by_handle_at(mount, handle, flags | O_CLOEXEC));
    }

    /** truncate(2). */
    public static int truncate(String path, long size) {
        return checked(PATHS.truncate(text(path), size));
    }

    /** utimensat(2) on a path, following links. */
    public static int setTimes(String path, long times) {
        return checked(PATHS.utimensat(AT_FDCWD, text(path), times, 0));
    }

    /** The bytes of {@code text} in UTF-8 and a NUL. */
    public static byte[] text(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    static Runtime runtime() {
        return RUNTIME;
    }

    private static int checked(int result) {
        return result < 0 ? -RUNTIME.getLastError() : result;
    }

    private static long checked(long result) {
        return result < 0 ? -RUNTIME.getLastError() : result;
    }
}

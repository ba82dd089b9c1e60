package dev.dogear.mount.uring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;

/** The system calls of a ring. Each gives its result or the negative errno. */
final class Calls {
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EBUSY = 16;

    private static final int SETUP = 425;
    private static final int ENTER = 426;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;
    private static final int CPU_SET_SIZE = 1024;

    private static final Memory MEMORY = LibraryLoader.create(Memory.class).load("c");
    private static final Descriptors DESCRIPTORS =
            LibraryLoader.create(Descriptors.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(MEMORY);

    private Calls() {}

    /** The names are the C library's. Seven arguments where there are six: JNR passes the sixth of exactly six wrongly. */
    public interface Memory {
        long syscall(long number, long a, long b, long c, long d, long e, long f);

        long mmap(long address, long size, int protection, int flags, int fd, long offset, long none);

        int munmap(long address, long size);

        int sched_setaffinity(int thread, long size, long set);
    }

    /** Calls on descriptors. */
    public interface Descriptors {
        int open(@In byte[] path, int flags, int mode);

        int ftruncate(int fd, long size);

        int eventfd(int value, int flags);

        long write(int fd, long address, long count);

        int close(int fd);
    }

    /** io_uring_setup(2). */
    static int setUp(int entries, long parameters) {
        return (int) checked(MEMORY.syscall(SETUP, entries, parameters, 0, 0, 0, 0));
    }

    /** io_uring_enter(2). */
    static int enter(int ring, int submit, int await, int flags) {
        return (int) checked(MEMORY.syscall(ENTER, ring, submit, await, flags, 0, 0));
    }

    /** Maps what a descriptor offers, to be shared with the kernel. */
    static long map(int fd, long size, long offset) {
        return checked(MEMORY.mmap(0, size, PROT_READ_WRITE, MAP_SHARED, fd, offset, 0));
    }

    /**
     * Maps a part of a file, made long enough, at an address that is to be the same in every process.
     *
     * @param address 0 for any
     */
    static long map(String file, long from, long size, long address) {
        int fd = (int) checked(DESCRIPTORS.open((file + '\0').getBytes(UTF_8), O_RDWR | O_CLOEXEC, 0));
        if (fd < 0) {
            return fd;
        }
        long result = checked(DESCRIPTORS.ftruncate(fd, from + size));
        if (result >= 0) {
            int flags = MAP_SHARED | (address == 0 ? 0 : MAP_FIXED_NOREPLACE);
            result = checked(MEMORY.mmap(address, size, PROT_READ_WRITE, flags, fd, from, 0));
        }
        DESCRIPTORS.close(fd);
        return result;
    }

    /** Memory that is there once it is touched. */
    static long map(long size) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        return checked(MEMORY.mmap(0, size, PROT_READ_WRITE, flags, -1, 0, 0));
    }

    static void unmap(long address, long size) {
        MEMORY.munmap(address, size);
    }

    /** A descriptor that is readable once it was written to. */
    static int event() {
        return (int) checked(DESCRIPTORS.eventfd(0, O_CLOEXEC));
    }

    static void write(int fd, long address, int size) {
        DESCRIPTORS.write(fd, address, size);
    }

    static void close(int fd) {
        DESCRIPTORS.close(fd);
    }

    /** Has the calling thread, and processes it starts, run on that CPU alone. Gives 0 or a negative errno. */
    static int runOn(int cpu) {
        ByteBuffer set = ByteBuffer.allocateDirect(CPU_SET_SIZE);
        set.put(cpu / Byte.SIZE, (byte) (1 << (cpu % Byte.SIZE)));
        try {
            return (int) checked(MEMORY.sched_setaffinity(0, CPU_SET_SIZE, address(set)));
        } finally {
            Reference.reachabilityFence(set);
        }
    }

    /** Mapped memory as a buffer; not to be used after it was unmapped. */
    static ByteBuffer buffer(long address, int size) {
        return MemoryIO.getInstance().newDirectByteBuffer(address, size).order(ByteOrder.nativeOrder());
    }

    /** Where a buffer outside the heap begins; for whoever keeps the buffer reachable meanwhile. */
    static long address(ByteBuffer buffer) {
        return Pointer.wrap(RUNTIME, buffer).address();
    }

    private static long checked(long result) {
        // mmap's addresses are never in the last page.
        return result == -1 ? -RUNTIME.getLastError() : result;
    }
}

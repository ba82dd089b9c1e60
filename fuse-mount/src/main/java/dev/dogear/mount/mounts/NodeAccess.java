package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import dev.dogear.mount.kernel.PushedCalls;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * What the helper does to single files of the mount, each known by its node id. A file the kernel no longer holds is passed over:
 * there is nothing to push of it and nothing to refresh.
 */
final class NodeAccess {
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int EROFS = 30;
    private static final int ESTALE = 116;

    /** struct file_handle as FUSE makes it: type 0x81, node id high and low, generation. */
    private static final int HANDLE_BYTES = 12;

    private static final int HANDLE_TYPE = 0x81;
    private static final int HANDLE_SIZE = 8 + HANDLE_BYTES;

    /** Two struct timespec; the first one says to leave the access time alone. */
    private static final int TIMES_SIZE = 32;

    private static final long UTIME_OMIT = (1L << 30) - 2;

    private final int root;
    private final NativeMemory memory = new NativeMemory(HANDLE_SIZE + 4 + TIMES_SIZE);

    /** @param root a descriptor of the mount's root directory, not O_PATH */
    NodeAccess(int root) {
        this.root = root;
    }

    /** @return errno or 0 */
    int fsync(long node) {
        int fd = open(node, LibC.O_RDONLY | LibC.O_NONBLOCK);
        if (fd == -EACCES) {
            fd = open(node, LibC.O_WRONLY | LibC.O_NONBLOCK);
        }
        if (fd < 0) {
            return passedOver(fd);
        }
        int result = LibC.fsync(fd);
        LibC.close(fd);
        return result < 0 ? passedOver(result) : 0;
    }

    /** By O_PATH, so that the daemon sees neither an open nor a release. @return errno or 0 */
    int refresh(long node, long size, long seconds, long nanos) {
        int fd = open(node, LibC.O_PATH);
        if (fd < 0) {
            return passedOver(fd);
        }
        String path = "/proc/self/fd/" + fd;
        int result = size == PushWire.SAME_SIZE ? 0 : LibC.truncate(path, size);
        if (result >= 0) {
            ByteBuffer times = memory.buffer();
            int at = HANDLE_SIZE + 4;
            times.putLong(at, 0);
            times.putLong(at + 8, UTIME_OMIT);
            times.putLong(at + 16, seconds);
            times.putLong(at + 24, nanos);
            try {
                result = LibC.setTimes(path, memory.address() + at);
            } finally {
                Reference.reachabilityFence(memory);
            }
        }
        LibC.close(fd);
        return result < 0 ? -result : 0;
    }

    private int open(long node, int flags) {
        ByteBuffer handle = memory.buffer();
        handle.putInt(0, HANDLE_BYTES);
        handle.putInt(4, HANDLE_TYPE);
        handle.putInt(8, (int) (node >>> 32));
        handle.putInt(12, (int) node);
        handle.putInt(16, 0);
        int fd;
        try {
            fd = LibC.openByHandle(root, memory.address(), flags);
        } finally {
            Reference.reachabilityFence(memory);
        }
        // Opening by handle is for root; the daemon knows this thread and answers it a name made of the number.
        return fd == -EPERM ? LibC.openAt(root, PushedCalls.nameOf(node), flags | LibC.O_NOFOLLOW) : fd;
    }

    /** What a protected bookmark refuses is told to who wrote it, and is not to be waited for. */
    private static int passedOver(int error) {
        return error == -ESTALE || error == -ENOENT || error == -EROFS ? 0 : -error;
    }
}

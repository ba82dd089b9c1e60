package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;

/** What the helper does to mounts: binding a directory of ours elsewhere, and unmounting. Runs in the helper only. */
final class VolumeBinding {
    private static final int OPEN_TREE = 428;
    private static final int MOVE_MOUNT = 429;
    private static final int MOUNT_SETATTR = 442;
    private static final long OPEN_TREE_CLONE = 1;
    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long BOTH_EMPTY_PATHS = 0x4 | 0x40;
    private static final long MOUNT_ATTR_RDONLY = 1;
    private static final int MOUNT_ATTR_SIZE = 32;
    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final int EPERM = 1;
    private static final int EBUSY = 16;
    private static final int TRIES = 20;
    private static final long BETWEEN_MS = 50;

    private final NativeMemory memory = new NativeMemory(MOUNT_ATTR_SIZE + 8);

    /** @return errno or 0 */
    int bind(int root, List<String> names, String target, boolean readOnly) {
        int source = walk(root, names);
        if (source < 0) {
            return -source;
        }
        try {
            return bind(source, target, readOnly);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private int bind(int source, String target, boolean readOnly) {
        memory.buffer().putLong(MOUNT_ATTR_SIZE, 0); // an empty path
        long empty = memory.address() + MOUNT_ATTR_SIZE;
        long tree = LibC.syscall(OPEN_TREE, source, empty, OPEN_TREE_CLONE | LibC.O_CLOEXEC | AT_EMPTY_PATH);
        LibC.close(source);
        if (tree < 0) {
            return (int) -tree;
        }
        long result = readOnly ? setReadOnly(tree, empty) : 0;
        if (result >= 0) {
            result = move(tree, empty, target);
        }
        LibC.close((int) tree);
        return (int) -Math.min(result, 0);
    }

    /** Name by name, so that no symbolic link in the tree leads out of it. */
    private static int walk(int root, List<String> names) {
        int at = LibC.openAt(root, ".", LibC.O_PATH | LibC.O_DIRECTORY);
        for (String name : names) {
            if (at < 0) {
                return at;
            }
            int next = LibC.openAt(at, name, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
            LibC.close(at);
            at = next;
        }
        return at;
    }

    private long setReadOnly(long tree, long empty) {
        ByteBuffer attributes = memory.buffer();
        attributes.putLong(0, MOUNT_ATTR_RDONLY);
        attributes.putLong(8, 0);
        attributes.putLong(16, 0);
        attributes.putLong(24, 0);
        return LibC.syscall(MOUNT_SETATTR, tree, empty, AT_EMPTY_PATH, memory.address(), MOUNT_ATTR_SIZE);
    }

    private static long move(long tree, long empty, String target) {
        int directory = LibC.openAt(LibC.AT_FDCWD, target, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (directory < 0) {
            return directory;
        }
        long result = LibC.syscall(MOVE_MOUNT, tree, empty, directory, empty, BOTH_EMPTY_PATHS);
        LibC.close(directory);
        return result;
    }

    /** Tries while it is busy, then takes it out of sight and leaves the rest to the last user. @return errno or 0 */
    static int unmount(String target) {
        for (int i = 0; i < TRIES; i++) {
            int result = LibC.unmount(target, UMOUNT_NOFOLLOW);
            if (result == -EPERM) {
                return FusermountMounting.unmount(target);
            }
            if (result != -EBUSY) {
                return -Math.min(result, 0);
            }
            try {
                Thread.sleep(BETWEEN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return -Math.min(LibC.unmount(target, UMOUNT_NOFOLLOW | MNT_DETACH), 0);
    }
}

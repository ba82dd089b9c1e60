package dev.dogear.mount.differential;

import dev.dogear.mount.differential.Operation.Outcome;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Random operations of the rarer kinds: unnamed files that get a name, maps, access control lists, device nodes, the umask,
 * holes of pages that are not written yet; and any operation as another user.
 */
final class RandomSpecials {
    private static final int O_TMPFILE = 020000000 | LibC.O_DIRECTORY;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    private static final long EXPERIMENTAL = 60;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int MAP_BYTES = 1 << 16;
    private static final int[] USERS = {1000, 1001};
    private static final int[] UMASKS = {0, 0, 0, 022, 077, 0777, 027};
    private static final int[] NAMED = {2, 8};
    private static final byte[] ACCESS = TreeState.latin("system.posix_acl_access\0");
    private static final byte[] DEFAULT = TreeState.latin("system.posix_acl_default\0");

    private final SplittableRandom random;
    private final RandomPaths paths;

    RandomSpecials(SplittableRandom random, RandomPaths paths) {
        this.random = random;
        this.paths = paths;
    }

    /** @param slot of a descriptor, if one is needed */
    Operation next(int slot) {
        return switch (random.nextInt(10)) {
            case 0, 1 -> unnamedThenNamed(slot);
            case 2, 3 -> map(slot);
            case 4, 5 -> list();
            case 6 -> device();
            case 7 -> umask();
            case 8 -> held(slot);
            default -> chownOfNobody();
        };
    }

    /** The same as somebody who is not root; the thread is root again after it. */
    Operation asUser(Operation operation) {
        int uid = USERS[random.nextInt(USERS.length)];
        int gid = USERS[random.nextInt(USERS.length)];
        return new Operation("as " + uid + ":" + gid + " " + operation, target -> {
            LibC.calls().setfsgid(gid);
            LibC.calls().setfsuid(uid);
            try {
                return operation.on(target);
            } finally {
                LibC.calls().setfsuid(0);
                LibC.calls().setfsgid(0);
            }
        });
    }

    private Operation unnamedThenNamed(int slot) {
        byte[] directory = paths.directory();
        byte[] name = paths.fresh();
        int mode = random.nextInt(010000);
        int flags = O_TMPFILE | 2 | (random.nextInt(5) == 0 ? 0200 : 0);
        byte[] data = new byte[random.nextInt(9000)];
        new Random(random.nextLong()).nextBytes(data);
        boolean link = random.nextBoolean();
        return new Operation(
                "unnamed in " + TreeState.show(directory) + " mode " + Integer.toOctalString(mode)
                        + (link ? " linked to " + TreeState.show(name) : "") + " in " + slot,
                target -> {
                    long opened = target.open(slot, directory, flags, mode);
                    if (opened < 0) {
                        return new Outcome(opened);
                    }
                    int fd = target.descriptor(slot);
                    long written = LibC.checked(LibC.calls().write(fd, data, data.length));
                    if (!link) {
                        return new Outcome(written);
                    }
                    byte[] self = TreeState.latin("/proc/thread-self/fd/" + fd + "\0");
                    return new Outcome(LibC.checked(LibC.calls()
                            .linkat(LibC.AT_FDCWD, self, LibC.AT_FDCWD, target.at(name), AT_SYMLINK_FOLLOW)));
                });
    }

    /** Stores into a shared map of a descriptor's file, inside its size. */
    private Operation map(int slot) {
        int at = random.nextInt(MAP_BYTES);
        byte[] data = new byte[random.nextInt(5000)];
        new Random(random.nextLong()).nextBytes(data);
        boolean push = random.nextBoolean();
        return new Operation("store " + data.length + " at " + at + " by a map of " + slot, target -> {
            Stat[] stat = new Stat[1];
            int fd = target.descriptor(slot);
            if (Stat.ofDescriptor(fd, stat) < 0 || !stat[0].isFile() || stat[0].size() <= at) {
                return new Outcome(-1);
            }
            int length = (int) Math.min(data.length, stat[0].size() - at);
            return new Outcome(LibC.storeByMap(fd, at, Arrays.copyOf(data, length), push));
        });
    }

    /** Sets, or now and then removes, an access control list, mostly one that may be. */
    private Operation list() {
        byte[] path = random.nextBoolean() ? paths.directory() : paths.any();
        byte[] name = random.nextBoolean() ? ACCESS : DEFAULT;
        if (random.nextInt(5) == 0) {
            return new Operation(
                    "remove " + TreeState.show(name) + " of " + TreeState.show(path),
                    target -> new Outcome(LibC.checked(LibC.calls().lremovexattr(target.at(path), name))));
        }
        byte[] value = randomList();
        return new Operation(
                "set " + TreeState.show(name) + " " + TreeState.show(value) + " of " + TreeState.show(path),
                target -> new Outcome(
                        LibC.checked(LibC.calls().lsetxattr(target.at(path), name, value, value.length, 0))));
    }

    private byte[] randomList() {
        ByteBuffer list =
                ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        boolean named = random.nextInt(3) > 0;
        item(list, 1, -1);
        if (named) {
            item(list, NAMED[0], 1000);
        }
        item(list, 4, -1);
        if (named && random.nextBoolean()) {
            item(list, NAMED[1], 1001);
        }
        if (named != (random.nextInt(10) == 0)) {
            item(list, 16, -1);
        }
        if (random.nextInt(20) > 0) {
            item(list, 32, -1);
        }
        return Arrays.copyOf(list.array(), list.position());
    }

    private void item(ByteBuffer list, int tag, int id) {
        list.putShort((short) tag).putShort((short) random.nextInt(8)).putInt(id);
    }

    /** Gone again before anything could open it: a device of the host is not to be played with. */
    private Operation device() {
        byte[] path = paths.fresh();
        int mode = (random.nextBoolean() ? CHARACTER : BLOCK) | random.nextInt(010000);
        long number = EXPERIMENTAL << 8 | random.nextInt(256);
        return new Operation(
                "mknod " + Integer.toOctalString(mode) + " " + number + " and unlink " + TreeState.show(path),
                target -> {
                    byte[] at = target.at(path);
                    long made = LibC.checked(LibC.calls().mknodat(LibC.AT_FDCWD, at, mode, number));
                    if (made < 0) {
                        return new Outcome(made);
                    }
                    Stat[] stat = new Stat[1];
                    Stat.ofPath(at, stat);
                    String seen = Integer.toOctalString(stat[0].mode()) + " " + stat[0].uid() + ":" + stat[0].gid();
                    return new Outcome(LibC.checked(LibC.calls().unlinkat(LibC.AT_FDCWD, at, 0)), seen);
                });
    }

    /** The process's, for all operations until the next of these. */
    private Operation umask() {
        int mask = UMASKS[random.nextInt(UMASKS.length)];
        return new Operation("umask " + Integer.toOctalString(mask), target -> {
            LibC.calls().umask(mask);
            return new Outcome(0);
        });
    }

    /** Data and holes right after a write, which the kernel may still hold back. */
    private Operation held(int slot) {
        int at = random.nextInt(1 << 19);
        return new Operation("write at " + at + " and look for data and holes in " + slot, target -> {
            Stat[] stat = new Stat[1];
            int fd = target.descriptor(slot);
            if (Stat.ofDescriptor(fd, stat) < 0 || !stat[0].isFile()) {
                return new Outcome(-1);
            }
            long written = LibC.checked(LibC.calls().pwrite(fd, new byte[] {1}, 1, at));
            if (written < 0) {
                return new Outcome(written);
            }
            // Where a file ends in O_APPEND the byte went elsewhere: only what must hold anyhow is compared.
            long position = LibC.calls().lseek(fd, 0, 1);
            Stat.ofDescriptor(fd, stat);
            long last = stat[0].size() - 1;
            long data = LibC.checked(LibC.calls().lseek(fd, at, SEEK_DATA));
            long hole = LibC.checked(LibC.calls().lseek(fd, last, SEEK_HOLE));
            LibC.calls().lseek(fd, position, 0);
            byte[] read = new byte[1];
            boolean isData = LibC.calls().pread(fd, read, 1, at) == 1 && read[0] != 0;
            return new Outcome(isData ? data : 0, isData && last == at ? "hole at " + hole : "");
        });
    }

    /** Neither owner nor group: set-id bits go all the same. */
    private Operation chownOfNobody() {
        byte[] path = paths.file();
        return new Operation(
                "chown of nobody " + TreeState.show(path),
                target -> new Outcome(LibC.checked(
                        LibC.calls().fchownat(LibC.AT_FDCWD, target.at(path), -1, -1, LibC.AT_SYMLINK_NOFOLLOW))));
    }
}

package dev.dogear.mount.differential;

import dev.dogear.mount.differential.Operation.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32C;

/** Makes up operations from a seed. Numbers are drawn when an operation is made, so each target gets the same ones. */
final class RandomOperations {
    private static final int SEEK_END = 2;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int UTIME_OMIT = (1 << 30) - 2;
    private static final int FIFO = 0010000;
    private static final int SOCKET = 0140000;
    private static final int REGULAR = 0100000;
    private static final int MANY_PATHS = 80;
    private static final int[] FALLOCATE_MODES = {0, 1, 3, 0x10, 0x11};
    private static final int[] OWNERS = {0, 1000, 1001, -1};
    private static final String[] XATTRS = {"user.a", "user.note", "user.\u00e4", "trusted.t", "other.x", "user."};
    private static final long FAR = 5L << 30;

    private final SplittableRandom random;
    private final RandomPaths paths;
    private final RandomSpecials specials;
    private final Target open;

    /** @param open whose descriptors tell which slots are in use */
    RandomOperations(long seed, Target open) {
        this.open = open;
        this.random = new SplittableRandom(seed);
        this.paths = new RandomPaths(random.split());
        this.specials = new RandomSpecials(random.split(), paths);
    }

    RandomPaths paths() {
        return paths;
    }

    Operation next() {
        Operation next = random.nextInt(9) == 0 ? specials.next(slot()) : common();
        return random.nextInt(5) == 0 ? specials.asUser(next) : next;
    }

    private Operation common() {
        if (paths.knownCount() > MANY_PATHS && random.nextInt(8) == 0) {
            return removeAll();
        }
        int choice = random.nextInt(100);
        if (choice < 40) {
            return onDescriptor(choice);
        }
        return choice < 72 ? onNames(choice) : onAttributes(choice);
    }

    private Operation onDescriptor(int choice) {
        if (choice < 10) {
            return open();
        }
        if (choice < 11) {
            return close();
        }
        if (choice < 16) {
            return read();
        }
        if (choice < 20) {
            return readAt();
        }
        if (choice < 25) {
            return write();
        }
        if (choice < 30) {
            return writeAt();
        }
        return switch (choice) {
            case 30, 31 -> fallocate();
            case 32, 33 -> truncateDescriptor();
            case 34 -> copyRange();
            case 35 -> seek();
            case 36 -> holes();
            case 37 -> sync();
            case 38 -> descriptorAttributes();
            default -> writeFar();
        };
    }

    private Operation onNames(int choice) {
        if (choice < 46) {
            return mkdir();
        }
        if (choice < 54) {
            return rename();
        }
        if (choice < 58) {
            return link();
        }
        if (choice < 63) {
            return unlink();
        }
        return switch (choice) {
            case 63, 64 -> rmdir();
            case 65, 66 -> symlink();
            case 67 -> mknod();
            case 68 -> unnamed();
            default -> write();
        };
    }

    private Operation onAttributes(int choice) {
        if (choice < 77) {
            return chmod();
        }
        if (choice < 80) {
            return chown();
        }
        if (choice < 87) {
            return times();
        }
        if (choice < 92) {
            return setXattr();
        }
        if (choice < 94) {
            return getXattr();
        }
        return switch (choice) {
            case 94 -> removeXattr();
            case 95, 96 -> truncatePath();
            case 97 -> readlink();
            default -> stat();
        };
    }

    private Operation open() {
        byte[] path = random.nextInt(4) == 0 ? paths.fresh() : paths.file();
        int slot = random.nextInt(Target.SLOTS);
        int access = random.nextInt(4) == 0 ? random.nextInt(2) : 2;
        int more = 0;
        for (int flag : new int[] {O_CREAT, O_CREAT, O_TRUNC, O_APPEND}) {
            more |= random.nextInt(3) == 0 ? flag : 0;
        }
        more |= random.nextInt(6) == 0 ? O_EXCL | O_CREAT : 0;
        more |= random.nextInt(12) == 0 ? LibC.O_NOFOLLOW : 0;
        more |= random.nextInt(20) == 0 && (more & O_CREAT) == 0 ? LibC.O_DIRECTORY : 0;
        int flags = access | more;
        int mode = mode();
        return operation(
                "open " + show(path) + " in " + slot + " flags " + Integer.toOctalString(flags) + " mode "
                        + Integer.toOctalString(mode),
                target -> target.open(slot, path, flags, mode));
    }

    private Operation close() {
        int slot = slot();
        return operation("close " + slot, target -> target.close(slot));
    }

    private Operation read() {
        int slot = slot();
        int length = length();
        return reading("read " + length + " of " + slot, length, (target, data) -> LibC.calls()
                .read(target.descriptor(slot), data, data.length));
    }

    private Operation readAt() {
        int slot = slot();
        int length = length();
        long offset = offset();
        return reading("read " + length + " at " + offset + " of " + slot, length, (target, data) -> LibC.calls()
                .pread(target.descriptor(slot), data, data.length, offset));
    }

    private Operation write() {
        int slot = slot();
        byte[] data = data();
        return operation(
                "write " + data.length + " to " + slot,
                target -> LibC.checked(LibC.calls().write(target.descriptor(slot), data, data.length)));
    }

    private Operation writeAt() {
        return writeAt(offset());
    }

    private Operation writeFar() {
        return random.nextInt(4) == 0 ? writeAt(FAR + random.nextInt(1 << 20)) : writeAt();
    }

    private Operation writeAt(long offset) {
        int slot = slot();
        byte[] data = data();
        return operation(
                "write " + data.length + " at " + offset + " to " + slot,
                target -> LibC.checked(LibC.calls().pwrite(target.descriptor(slot), data, data.length, offset)));
    }

    private Operation fallocate() {
        int slot = slot();
        int mode = FALLOCATE_MODES[random.nextInt(FALLOCATE_MODES.length)];
        long offset = offset();
        int length = random.nextInt(1 << 17);
        return operation(
                "fallocate " + length + " at " + offset + " mode " + mode + " of " + slot,
                target -> LibC.checked(LibC.calls().fallocate(target.descriptor(slot), mode, offset, length)));
    }

    private Operation truncateDescriptor() {
        int slot = slot();
        long size = size();
        return operation(
                "ftruncate " + slot + " to " + size,
                target -> LibC.checked(LibC.calls().ftruncate(target.descriptor(slot), size)));
    }

    /**
     * Never to the size the file has: ext4 then sets mtime, which POSIX does not ask for, and under writeback the kernel
     * keeps its own mtime without asking.
     */
    private Operation truncatePath() {
        byte[] path = paths.file();
        long size = size();
        return onPath("truncate to " + size, path, at -> {
            Stat[] now = new Stat[1];
            boolean same = Stat.ofPath(at, now) == 0 && now[0].size() == size;
            return LibC.calls().truncate(at, same ? size + 1 : size);
        });
    }

    private Operation copyRange() {
        int from = slot();
        int to = slot();
        long fromOffset = offset();
        long toOffset = offset();
        int length = length();
        return operation(
                "copy_file_range " + length + " from " + from + " at " + fromOffset + " to " + to + " at " + toOffset,
                target -> {
                    int source = target.descriptor(from);
                    int sink = target.descriptor(to);
                    LibC.calls().lseek(source, fromOffset, 0);
                    if (source != sink) {
                        LibC.calls().lseek(sink, toOffset, 0);
                    }
                    return LibC.copyFileRange(source, sink, length);
                });
    }

    private Operation seek() {
        int slot = slot();
        int whence = random.nextInt(3);
        long offset = offset() - (whence == 0 ? 0 : 1 << 15);
        return operation("seek " + offset + " from " + whence + " in " + slot, target -> {
            int fd = target.descriptor(slot);
            Stat[] stat = new Stat[1];
            // Where a directory ends is up to the file system (README).
            return whence == SEEK_END && Stat.ofDescriptor(fd, stat) >= 0 && stat[0].isDirectory()
                    ? 0
                    : LibC.checked(LibC.calls().lseek(fd, offset, whence));
        });
    }

    private Operation holes() {
        int slot = slot();
        return new Operation("holes of " + slot, target -> {
            Stat[] stat = new Stat[1];
            int fd = target.descriptor(slot);
            if (Stat.ofDescriptor(fd, stat) < 0 || !stat[0].isFile()) {
                return new Outcome(-1);
            }
            byte[] probe = new byte[1];
            if (LibC.calls().pread(fd, probe, 1, 0) < 0) {
                return new Outcome(-2);
            }
            long position = LibC.calls().lseek(fd, 0, 1);
            String wrong = FileDigest.checkHoles(fd, stat[0].size());
            LibC.calls().lseek(fd, position, 0);
            return new Outcome(0, wrong);
        });
    }

    private Operation sync() {
        int slot = slot();
        boolean dataOnly = random.nextBoolean();
        return operation(
                (dataOnly ? "fdatasync " : "fsync ") + slot,
                target -> LibC.checked(
                        dataOnly
                                ? LibC.calls().fdatasync(target.descriptor(slot))
                                : LibC.calls().fsync(target.descriptor(slot))));
    }

    private Operation descriptorAttributes() {
        int slot = slot();
        if (random.nextBoolean()) {
            int mode = mode();
            return operation(
                    "fchmod " + slot + " to " + Integer.toOctalString(mode),
                    target -> LibC.checked(LibC.calls().fchmod(target.descriptor(slot), mode)));
        }
        long[] times = randomTimes();
        return operation(
                "futimens " + slot + " to " + Arrays.toString(times),
                target -> LibC.checked(LibC.calls().futimens(target.descriptor(slot), times)));
    }

    private Operation mkdir() {
        byte[] path = paths.fresh();
        int mode = mode();
        return onPath("mkdir mode " + Integer.toOctalString(mode), path, at -> LibC.calls()
                .mkdirat(LibC.AT_FDCWD, at, mode));
    }

    private Operation rename() {
        byte[] from = paths.any();
        byte[] to = random.nextBoolean() ? paths.any() : paths.fresh();
        int flags = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
        return operation(
                "rename " + show(from) + " to " + show(to) + " flags " + flags,
                target -> LibC.checked(
                        LibC.calls().renameat2(LibC.AT_FDCWD, target.at(from), LibC.AT_FDCWD, target.at(to), flags)));
    }

    private Operation link() {
        byte[] from = random.nextInt(4) == 0 ? paths.other() : paths.file();
        byte[] to = paths.fresh();
        return operation(
                "link " + show(from) + " to " + show(to),
                target -> LibC.checked(
                        LibC.calls().linkat(LibC.AT_FDCWD, target.at(from), LibC.AT_FDCWD, target.at(to), 0)));
    }

    private Operation unlink() {
        return onPath("unlink", random.nextInt(3) == 0 ? paths.other() : paths.file(), at -> LibC.calls()
                .unlinkat(LibC.AT_FDCWD, at, 0));
    }

    private Operation rmdir() {
        return onPath("rmdir", paths.directory(), at -> LibC.calls().unlinkat(LibC.AT_FDCWD, at, AT_REMOVEDIR));
    }

    /** A directory with all in it, as rm -rf does. */
    private Operation removeAll() {
        byte[] path = paths.directory();
        return operation("remove all of " + show(path), target -> {
            TreeState below = TreeState.below(target, path);
            long failures = 0;
            for (List<byte[]> paths : List.of(below.files(), below.others())) {
                for (byte[] name : paths) {
                    failures += LibC.calls().unlinkat(LibC.AT_FDCWD, target.at(name), 0);
                }
            }
            List<byte[]> directories = below.directories();
            for (int at = directories.size() - 1; at >= 0 && directories.get(at).length > 0; at--) {
                failures += LibC.calls().unlinkat(LibC.AT_FDCWD, target.at(directories.get(at)), AT_REMOVEDIR);
            }
            return failures;
        });
    }

    private Operation symlink() {
        byte[] content = paths.linkTarget();
        byte[] terminated = Arrays.copyOf(content, content.length + 1);
        return onPath("symlink to " + show(content) + " as", paths.fresh(), at -> LibC.calls()
                .symlinkat(terminated, LibC.AT_FDCWD, at));
    }

    private Operation mknod() {
        int type = new int[] {FIFO, SOCKET, REGULAR, 0}[random.nextInt(4)];
        int mode = type | mode();
        return onPath("mknod " + Integer.toOctalString(mode), paths.fresh(), at -> LibC.calls()
                .mknodat(LibC.AT_FDCWD, at, mode, 0));
    }

    /** A file that has no name left while it is open. */
    private Operation unnamed() {
        byte[] path = paths.fresh();
        int slot = slot();
        int mode = mode() | 0600;
        byte[] data = data();
        return operation("make, open in " + slot + " and unlink " + show(path), target -> {
            long opened = target.open(slot, path, O_CREAT | O_EXCL | 2, mode);
            if (opened < 0) {
                return opened;
            }
            long unlinked = LibC.checked(LibC.calls().unlinkat(LibC.AT_FDCWD, target.at(path), 0));
            return unlinked < 0
                    ? unlinked
                    : LibC.checked(LibC.calls().write(target.descriptor(slot), data, data.length));
        });
    }

    private Operation chmod() {
        int mode = mode();
        return onPath("chmod " + Integer.toOctalString(mode), paths.any(), at -> LibC.calls()
                .fchmodat(LibC.AT_FDCWD, at, mode, 0));
    }

    /** Never neither of the two: ext4 then clears set-id bits, and the kernel's request does not say why it came. */
    private Operation chown() {
        int uid = OWNERS[random.nextInt(OWNERS.length - 1)];
        int gid = OWNERS[random.nextInt(OWNERS.length)];
        return onPath("lchown " + uid + ":" + gid, paths.any(), at -> LibC.calls()
                .fchownat(LibC.AT_FDCWD, at, uid, gid, LibC.AT_SYMLINK_NOFOLLOW));
    }

    private Operation times() {
        long[] times = randomTimes();
        return onPath("utimens " + Arrays.toString(times), paths.any(), at -> LibC.calls()
                .utimensat(LibC.AT_FDCWD, at, times, LibC.AT_SYMLINK_NOFOLLOW));
    }

    private Operation setXattr() {
        byte[] name = xattr();
        byte[] value = new byte[random.nextInt(8) == 0 ? 0 : random.nextInt(300)];
        new Random(random.nextLong()).nextBytes(value);
        int flags = random.nextInt(4);
        return onPath(
                "setxattr " + show(name) + " " + value.length + " bytes, flags " + flags,
                paths.any(),
                at -> LibC.calls().lsetxattr(at, name, value, value.length, flags));
    }

    private Operation getXattr() {
        byte[] name = xattr();
        byte[] path = paths.any();
        int room = random.nextInt(3) == 0 ? random.nextInt(20) : 65536;
        return reading(
                "getxattr " + show(name) + " room " + room + " of " + show(path), room, (target, data) -> LibC.calls()
                        .lgetxattr(target.at(path), name, data, data.length));
    }

    private Operation removeXattr() {
        byte[] name = xattr();
        return onPath(
                "removexattr " + show(name), paths.any(), at -> LibC.calls().lremovexattr(at, name));
    }

    private Operation readlink() {
        byte[] path = paths.other();
        int room = random.nextBoolean() ? 4096 : 1 + random.nextInt(10);
        return reading("readlink room " + room + " of " + show(path), room, (target, data) -> LibC.calls()
                .readlinkat(LibC.AT_FDCWD, target.at(path), data, data.length));
    }

    private Operation stat() {
        return onPath("stat", paths.any(), at -> Stat.ofPath(at, new Stat[1]));
    }

    /** A call that takes a path. */
    private static Operation onPath(String what, byte[] path, ToLongFunction<byte[]> call) {
        return operation(what + " " + show(path), target -> LibC.checked(call.applyAsLong(target.at(path))));
    }

    private static Operation operation(String text, ToLongFunction<Target> call) {
        return new Operation(text, target -> new Outcome(call.applyAsLong(target)));
    }

    /** A call that fills a buffer. */
    @FunctionalInterface
    private interface Reader {
        long read(Target target, byte[] data);
    }

    private static Operation reading(String text, int length, Reader reader) {
        return new Operation(text, target -> {
            byte[] data = new byte[length];
            long result = LibC.checked(reader.read(target, data));
            if (result <= 0) {
                return new Outcome(result);
            }
            CRC32C crc = new CRC32C();
            crc.update(data, 0, (int) Math.min(result, length));
            return new Outcome(result, HexFormat.of().toHexDigits((int) crc.getValue()));
        });
    }

    private long[] randomTimes() {
        long[] times = new long[4];
        for (int at = 0; at < times.length; at += 2) {
            if (random.nextInt(4) == 0) {
                times[at + 1] = UTIME_OMIT;
            } else {
                times[at] = random.nextLong(-1_000_000, TreeState.SET_BEFORE);
                times[at + 1] = random.nextInt(1_000_000_000);
            }
        }
        return times;
    }

    private byte[] xattr() {
        byte[] name = XATTRS[random.nextInt(10) == 0 ? random.nextInt(XATTRS.length) : random.nextInt(4)].getBytes(
                StandardCharsets.UTF_8);
        return Arrays.copyOf(name, name.length + 1);
    }

    /** Mostly one that is open. */
    private int slot() {
        int slot = random.nextInt(Target.SLOTS);
        for (int tries = 0; tries < Target.SLOTS && !open.isOpen(slot) && random.nextInt(50) > 0; tries++) {
            slot = (slot + 1) % Target.SLOTS;
        }
        return slot;
    }

    private int mode() {
        return random.nextInt(3) == 0 ? random.nextInt(010000) : 0644 | random.nextInt(0200);
    }

    private int length() {
        return spread(18);
    }

    private long offset() {
        return spread(19);
    }

    private long size() {
        return random.nextInt(30) == 0 ? FAR + random.nextInt(1 << 20) : offset();
    }

    /** Small numbers as likely as large ones, block bounds among them. */
    private int spread(int bits) {
        int value = random.nextInt(1 << random.nextInt(1, bits));
        return random.nextInt(4) == 0 ? value / 4096 * 4096 : value;
    }

    private byte[] data() {
        byte[] data = new byte[length()];
        if (random.nextInt(10) > 0) {
            new Random(random.nextLong()).nextBytes(data);
        }
        return data;
    }

    private static String show(byte[] bytes) {
        return TreeState.show(bytes);
    }
}

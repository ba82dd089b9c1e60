package dev.dogear.mount.differential;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What statx(2) tells. */
record Stat(int mode, int links, int uid, int gid, long inode, long size, long mtimeSeconds, int mtimeNanos) {
    private static final int BASIC = 0x7ff;
    private static final int TYPE = 0170000;
    private static final int BYTES = 256;
    private static final byte[] EMPTY = {0};

    /** Of a path, not following a last link. @return 0 or the negative errno */
    static long ofPath(byte[] path, Stat[] into) {
        return of(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW, into);
    }

    static long ofDescriptor(int fd, Stat[] into) {
        return of(fd, EMPTY, LibC.AT_EMPTY_PATH, into);
    }

    private static long of(int dir, byte[] path, int flags, Stat[] into) {
        byte[] raw = new byte[BYTES];
        long result = LibC.checked(LibC.calls().statx(dir, path, flags, BASIC, raw));
        if (result == 0) {
            ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder());
            into[0] = new Stat(
                    b.getShort(28) & 0xffff,
                    b.getInt(16),
                    b.getInt(20),
                    b.getInt(24),
                    b.getLong(32),
                    b.getLong(40),
                    b.getLong(112),
                    b.getInt(120));
        }
        return result;
    }

    boolean isDirectory() {
        return (mode & TYPE) == 0040000;
    }

    boolean isFile() {
        return (mode & TYPE) == 0100000;
    }

    boolean isFifo() {
        return (mode & TYPE) == 0010000;
    }

    boolean isLink() {
        return (mode & TYPE) == 0120000;
    }
}

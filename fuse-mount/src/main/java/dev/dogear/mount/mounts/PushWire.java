package dev.dogear.mount.mounts;

import dev.dogear.store.StoreException.Kind;

/**
 * The words between the daemon and its helper. A command is an id, one of these bytes and what belongs to it; an answer is
 * the id, an errno or 0, and a text. The first answer, with id 0, says that the helper is ready and is followed by the ids of
 * its pushing and of its refreshing threads. All big-endian, by DataOutputStream.
 */
final class PushWire {
    /** A count and so many node ids: fsync each. */
    static final byte FSYNC = 1;

    /** A count and so many {@code (node, size or -1, mtime seconds, nanos, whether 1 or 0 it may have unwritten pages)}: tell the kernel. */
    static final byte REFRESH = 2;

    /** A count, so many names from the mount's root down, a target directory, whether read-only. */
    static final byte BIND = 3;

    /** A target directory. */
    static final byte UNBIND = 4;

    /** Unmounts what the helper was started for; it ends afterwards. */
    static final byte UNMOUNT = 5;

    /** The size of {@code REFRESH} that leaves the size alone. */
    static final long SAME_SIZE = -1;

    static final int EIO = 5;
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENOTDIR = 20;
    private static final int EINVAL = 22;

    private PushWire() {}

    /** An errno that {@link #kindOf} turns into the kind again, where there is one. */
    static int errnoOf(Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> ENOENT;
            case FORBIDDEN -> EACCES;
            case IN_USE -> EBUSY;
            case INVALID -> EINVAL;
            default -> EIO;
        };
    }

    static Kind kindOf(int errno) {
        return switch (errno) {
            case ENOENT, ENOTDIR -> Kind.NOT_FOUND;
            case EPERM, EACCES -> Kind.FORBIDDEN;
            case EBUSY -> Kind.IN_USE;
            case EINVAL -> Kind.INVALID;
            default -> Kind.IO;
        };
    }
}

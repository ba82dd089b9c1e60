package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.OpenFile;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.NodeAttributes;
import java.nio.ByteBuffer;

/**
 * Where the fields of the protocol's structs lie, and how our values are put there. All integers are in native byte order;
 * fields of a request's arguments are counted from the end of its header. Buffers are used again, so padding is written too.
 */
final class Wire {
    /** struct fuse_in_header. */
    static final int IN_LENGTH = 0;

    static final int IN_OPCODE = 4;
    static final int IN_UNIQUE = 8;
    static final int IN_NODE = 16;
    static final int IN_UID = 24;
    static final int IN_GID = 28;
    static final int IN_PID = 32;
    static final int IN_SIZE = 40;

    /** struct fuse_out_header; a notification has its code where a reply has its error. */
    static final int OUT_LENGTH = 0;

    static final int OUT_ERROR = 4;
    static final int OUT_UNIQUE = 8;
    static final int OUT_SIZE = 16;

    /** struct fuse_setattr_in. */
    static final int SETATTR_VALID = 0;

    static final int SETATTR_HANDLE = 8;
    static final int SETATTR_LENGTH = 16;
    static final int SETATTR_ATIME = 32;
    static final int SETATTR_MTIME = 40;
    static final int SETATTR_CTIME = 48;
    static final int SETATTR_ATIME_NANOS = 56;
    static final int SETATTR_MTIME_NANOS = 60;
    static final int SETATTR_CTIME_NANOS = 64;
    static final int SETATTR_MODE = 68;
    static final int SETATTR_UID = 76;
    static final int SETATTR_GID = 80;

    static final int FATTR_MODE = 1;
    static final int FATTR_UID = 1 << 1;
    static final int FATTR_GID = 1 << 2;
    static final int FATTR_SIZE = 1 << 3;
    static final int FATTR_ATIME = 1 << 4;
    static final int FATTR_MTIME = 1 << 5;
    static final int FATTR_FH = 1 << 6;
    static final int FATTR_ATIME_NOW = 1 << 7;
    static final int FATTR_MTIME_NOW = 1 << 8;
    static final int FATTR_CTIME = 1 << 10;
    static final int FATTR_KILL_SUIDGID = 1 << 11;

    /** struct fuse_mknod_in and fuse_mkdir_in. */
    static final int MKNOD_MODE = 0;

    static final int MKNOD_DEVICE = 4;
    static final int MKNOD_UMASK = 8;
    static final int MKNOD_SIZE = 16;
    static final int MKDIR_MODE = 0;
    static final int MKDIR_UMASK = 4;
    static final int MKDIR_SIZE = 8;

    /** struct fuse_rename_in, fuse_rename2_in, fuse_link_in. */
    static final int RENAME_PARENT = 0;

    static final int RENAME_SIZE = 8;
    static final int RENAME2_FLAGS = 8;
    static final int RENAME2_SIZE = 16;
    static final int LINK_NODE = 0;
    static final int LINK_SIZE = 8;

    /** struct fuse_open_in and fuse_create_in. */
    static final int OPEN_FLAGS = 0;

    static final int OPEN_KILL = 4;
    static final int CREATE_FLAGS = 0;
    static final int CREATE_MODE = 4;
    static final int CREATE_UMASK = 8;
    static final int CREATE_SIZE = 16;
    static final int OPEN_KILL_SUIDGID = 1;

    /** struct fuse_read_in and fuse_write_in, also of READDIR. */
    static final int READ_HANDLE = 0;

    static final int READ_OFFSET = 8;
    static final int READ_LENGTH = 16;
    static final int WRITE_FLAGS = 20;
    static final int WRITE_SIZE = 40;
    static final int WRITE_CACHE = 1;
    static final int WRITE_KILL_SUIDGID = 1 << 2;

    /** struct fuse_release_in, fuse_forget_in, fuse_batch_forget_in, fuse_forget_one. */
    static final int RELEASE_HANDLE = 0;

    static final int FORGET_COUNT = 0;
    static final int BATCH_COUNT = 0;
    static final int BATCH_SIZE = 8;
    static final int BATCH_NODE = 0;
    static final int BATCH_LOOKUPS = 8;
    static final int BATCH_ONE = 16;

    /** struct fuse_setxattr_in in its short form, since SETXATTR_EXT is not negotiated, and fuse_getxattr_in. */
    static final int SETXATTR_LENGTH = 0;

    static final int SETXATTR_FLAGS = 4;
    static final int SETXATTR_SIZE = 8;
    static final int GETXATTR_LENGTH = 0;
    static final int GETXATTR_SIZE = 8;

    /** struct fuse_fallocate_in, fuse_lseek_in, fuse_copy_file_range_in. */
    static final int FALLOCATE_HANDLE = 0;

    static final int FALLOCATE_OFFSET = 8;
    static final int FALLOCATE_LENGTH = 16;
    static final int FALLOCATE_MODE = 24;
    static final int LSEEK_HANDLE = 0;
    static final int LSEEK_OFFSET = 8;
    static final int LSEEK_WHENCE = 16;
    static final int COPY_FROM_OFFSET = 8;
    static final int COPY_TO_NODE = 16;
    static final int COPY_TO_OFFSET = 32;
    static final int COPY_LENGTH = 40;

    /** struct fuse_init_in and fuse_init_out. */
    static final int INIT_MAJOR = 0;

    static final int INIT_MINOR = 4;
    static final int INIT_READAHEAD = 8;
    static final int INIT_FLAGS = 12;
    static final int INIT_FLAGS2 = 16;
    static final int INIT_OUT_BACKGROUND = 16;
    static final int INIT_OUT_CONGESTION = 18;
    static final int INIT_OUT_MAX_WRITE = 20;
    static final int INIT_OUT_TIME_GRANULARITY = 24;
    static final int INIT_OUT_MAX_PAGES = 28;
    static final int INIT_OUT_FLAGS2 = 32;
    static final int INIT_OUT_SIZE = 64;

    /** Sizes of struct fuse_attr, fuse_attr_out, fuse_entry_out, fuse_open_out, fuse_kstatfs, and fuse_dirent to its name. */
    static final int ATTR_SIZE = 88;

    static final int ATTR_OUT_SIZE = 16 + ATTR_SIZE;
    static final int ENTRY_SIZE = 40 + ATTR_SIZE;
    static final int OPEN_OUT_SIZE = 16;
    static final int STATFS_SIZE = 80;
    static final int DIRENT_NAME = 24;

    /** Notifications: codes, struct fuse_notify_inval_inode_out and fuse_notify_inval_entry_out. */
    static final int NOTIFY_INVAL_INODE = 2;

    static final int NOTIFY_INVAL_ENTRY = 3;
    static final int NOTIFY_RESEND = 7;
    static final int INVAL_INODE_SIZE = 24;
    static final int INVAL_ENTRY_SIZE = 16;
    static final int EXPIRE_ONLY = 1;

    private static final int FOPEN_DIRECT_IO = 1;
    private static final int FOPEN_KEEP_CACHE = 1 << 1;

    /** 68 years; what is larger the kernel cuts anyway. */
    private static final long FOR_EVER = Integer.MAX_VALUE;

    /** The levels above bookmarks change without our telling; their attributes are asked for once a second. */
    private static final long A_SECOND = 1;

    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;
    private static final int NAME_MAX = 255;

    private Wire() {}

    /** struct fuse_entry_out. */
    static void putEntry(ByteBuffer to, int at, Entry entry) {
        to.putLong(at, entry.node());
        to.putLong(at + 8, entry.generation());
        to.putLong(at + 16, entry.passing() ? 0 : FOR_EVER);
        to.putLong(at + 24, attributesValid(entry.node()));
        to.putLong(at + 32, 0);
        putAttributes(to, at + 40, entry.attributes());
    }

    /** An entry that says for ever: there is no such name. */
    static void putNoEntry(ByteBuffer to, int at) {
        zero(to, at, ENTRY_SIZE);
        to.putLong(at + 16, FOR_EVER);
    }

    /** struct fuse_attr_out. */
    static void putAttributesReply(ByteBuffer to, int at, long node, NodeAttributes attributes) {
        to.putLong(at, attributesValid(node));
        to.putLong(at + 8, 0);
        putAttributes(to, at + 16, attributes);
    }

    private static long attributesValid(long node) {
        if (FileSystemCalls.isControl(node)) {
            return 0; // they follow those of the bookmark's root
        }
        return FileSystemCalls.isLevel(node) ? A_SECOND : FOR_EVER;
    }

    private static void putAttributes(ByteBuffer to, int at, NodeAttributes shown) {
        Timestamp mtime = shown.attributes().mtime();
        Timestamp ctime = shown.attributes().ctime();
        to.putLong(at, shown.inode());
        to.putLong(at + 8, shown.size());
        to.putLong(at + 16, (shown.allocated() + SECTOR - 1) / SECTOR);
        to.putLong(at + 24, shown.atime().seconds());
        to.putLong(at + 32, mtime.seconds());
        to.putLong(at + 40, ctime.seconds());
        to.putInt(at + 48, shown.atime().nanos());
        to.putInt(at + 52, mtime.nanos());
        to.putInt(at + 56, ctime.nanos());
        to.putInt(at + 60, shown.type().modeBits() | shown.attributes().mode());
        to.putInt(at + 64, shown.links());
        to.putInt(at + 68, shown.attributes().uid());
        to.putInt(at + 72, shown.attributes().gid());
        to.putInt(at + 76, (int) shown.device());
        to.putInt(at + 80, BLOCK);
        to.putInt(at + 84, 0);
    }

    /** struct fuse_open_out. */
    static void putOpen(ByteBuffer to, int at, OpenFile file) {
        to.putLong(at, file.handle());
        to.putInt(at + 8, (file.direct() ? FOPEN_DIRECT_IO : 0) | (file.keepCache() ? FOPEN_KEEP_CACHE : 0));
        to.putInt(at + 12, 0);
    }

    /** struct fuse_kstatfs. */
    static void putStatistics(ByteBuffer to, int at, FileSystemCalls.Statistics figures) {
        zero(to, at, STATFS_SIZE);
        to.putLong(at, figures.blocks());
        to.putLong(at + 8, figures.blocksFree());
        to.putLong(at + 16, figures.blocksAvailable());
        to.putLong(at + 24, figures.files());
        to.putLong(at + 32, figures.filesFree());
        to.putInt(at + 40, figures.blockSize());
        to.putInt(at + 44, NAME_MAX);
        to.putInt(at + 48, figures.blockSize());
    }

    /** struct fuse_dirent, its name and the padding; the room was checked. */
    static void putName(ByteBuffer to, int at, byte[] name, long inode, long cookie, int typeBits) {
        to.putLong(at, inode);
        to.putLong(at + 8, cookie);
        to.putInt(at + 16, name.length);
        to.putInt(at + 20, typeBits >>> 12 & 15);
        to.put(at + DIRENT_NAME, name);
        int end = DIRENT_NAME + name.length;
        for (int i = end; i < padded(end); i++) {
            to.put(at + i, (byte) 0);
        }
    }

    /** The next multiple of 8. */
    static int padded(int size) {
        return size + 7 & ~7;
    }

    static void zero(ByteBuffer to, int at, int size) {
        for (int i = 0; i < size; i++) {
            to.put(at + i, (byte) 0);
        }
    }
}

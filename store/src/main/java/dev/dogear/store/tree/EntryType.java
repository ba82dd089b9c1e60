package dev.dogear.store.tree;

/** What a directory entry names. The code is stored on disk: never renumber. */
public enum EntryType {
    /** A regular file. */
    FILE(1, 0100000),
    /** A directory; {@link TreeEntry#content()} is its tree, absent when it is empty. */
    DIRECTORY(2, 0040000),
    /** A symbolic link; {@link TreeEntry#payload()} is its target. */
    SYMLINK(3, 0120000),
    /** A named pipe. */
    FIFO(4, 0010000),
    /** A Unix socket. */
    SOCKET(5, 0140000),
    /** A character device; {@link TreeEntry#payload()} is its 8-byte device number. */
    CHARACTER_DEVICE(6, 0020000),
    /** A block device; {@link TreeEntry#payload()} is its 8-byte device number. */
    BLOCK_DEVICE(7, 0060000),
    /** A file with several names: the entry has only its file id, the rest is one record in the {@link LinkTable}. */
    LINKED(8, 0);

    private static final EntryType[] ALL = values();
    private static final int TYPE_MASK = 0170000;

    private final byte code;
    private final int modeBits;

    EntryType(int code, int modeBits) {
        this.code = (byte) code;
        this.modeBits = modeBits;
    }

    /** The byte that stands for this type on disk. */
    public byte code() {
        return code;
    }

    /** The file type bits of {@code st_mode}; 0 for {@link #LINKED}. */
    public int modeBits() {
        return modeBits;
    }

    /** @throws IllegalArgumentException if no type has that code */
    public static EntryType ofCode(byte code) {
        if (code < 1 || code > ALL.length) {
            throw new IllegalArgumentException("no entry type has code " + code);
        }
        return ALL[code - 1];
    }

    /** @throws IllegalArgumentException if the type bits of {@code mode} are of no known type */
    public static EntryType ofMode(int mode) {
        for (EntryType type : ALL) {
            if (type != LINKED && type.modeBits == (mode & TYPE_MASK)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no entry type has mode 0" + Integer.toOctalString(mode));
    }
}

package dev.dogear.store.object;

/** What the bytes of an object are. The code is hashed in front of the content and stored on disk: never renumber. */
public enum ObjectKind {
    /** A piece of file content, raw bytes. */
    CHUNK(1),
    /** A node of the list of chunks of one file's content. */
    FILE(2),
    /** A node of a directory, or of the table of files with several links. */
    TREE(3),
    /** A change. */
    CHANGE(4);

    private static final ObjectKind[] BY_CODE = {CHUNK, FILE, TREE, CHANGE};

    private final byte code;

    ObjectKind(int code) {
        this.code = (byte) code;
    }

    /** The byte that stands for this kind on disk and in the hash. */
    public byte code() {
        return code;
    }

    /** @throws IllegalArgumentException if no kind has that code */
    public static ObjectKind ofCode(byte code) {
        if (code < 1 || code > BY_CODE.length) {
            throw new IllegalArgumentException("no object kind has code " + code);
        }
        return BY_CODE[code - 1];
    }
}

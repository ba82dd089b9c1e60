package dev.dogear.store;

/**
 * Why the store refused or failed. The text is for people and says what to do next where that is known; {@link #kind()}
 * is for programs and is mapped to a status or an errno at the edge, in one place each.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What went wrong, as far as a program has to tell cases apart. */
    public enum Kind {
        /** The named repository, bookmark, change or path is not there. */
        NOT_FOUND,
        /** The name is taken. */
        ALREADY_EXISTS,
        /** The request itself is wrong: a bad name, id, option or combination. */
        INVALID,
        /** A merge that has no single answer. */
        MERGE_CONFLICT,
        /** The state is not the one the caller expected, or does not allow the verb. */
        STALE,
        /** A configured limit would be passed. */
        LIMIT,
        /** The caller may not do this. */
        FORBIDDEN,
        /** A merge has not been accepted by as many as its target asks for. */
        NOT_APPROVED,
        /** The repository takes no writes: it was protected, or a write to its disk failed. */
        READ_ONLY,
        /** The disk or the address space is full. */
        NO_SPACE,
        /** Another process holds what we need. */
        IN_USE,
        /** Stored bytes are not what was written. */
        CORRUPT,
        /** The store was written by a newer Dogear. */
        NEWER_FORMAT,
        /** The operating system reported an error. */
        IO
    }

    /** @param text a full sentence, without a trailing stop where it ends in a name */
    public StoreException(Kind kind, String text) {
        super(text);
        this.kind = kind;
    }

    /** @param text a full sentence; {@code cause} keeps the operating system's word */
    public StoreException(Kind kind, String text, Throwable cause) {
        super(text, cause);
        this.kind = kind;
    }

    /** The case a program tells apart. */
    public Kind kind() {
        return kind;
    }
}

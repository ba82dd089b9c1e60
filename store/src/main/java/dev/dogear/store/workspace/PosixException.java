package dev.dogear.store.workspace;

/** A file operation ended with an errno: an expected outcome, made without a stack trace because misses are common. */
public final class PosixException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public PosixException(Errno errno) {
        super(null, null, false, false);
        this.errno = errno;
    }

    /** What the system call returns. */
    public Errno errno() {
        return errno;
    }

    @Override
    public String getMessage() {
        return errno.name();
    }
}

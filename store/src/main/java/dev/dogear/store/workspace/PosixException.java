package dev.dogear.store.workspace;

import dev.dogear.store.StoreException;

/** A file operation ended with an errno: an expected outcome, made without a stack trace because misses are common. */
public final class PosixException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public PosixException(Errno errno) {
        super(null, null, false, false);
        this.errno = errno;
    }

    /** The errno of a failure of the store under a file operation: the one place that says which is which. */
    public static PosixException of(StoreException failure) {
        return new PosixException(
                switch (failure.kind()) {
                    case NO_SPACE -> Errno.ENOSPC;
                    case READ_ONLY -> Errno.EROFS;
                    case LIMIT -> Errno.EDQUOT;
                    case NOT_FOUND -> Errno.ENOENT;
                    case ALREADY_EXISTS -> Errno.EEXIST;
                    case FORBIDDEN, NOT_APPROVED -> Errno.EACCES;
                    case INVALID -> Errno.EINVAL;
                    case IN_USE -> Errno.EBUSY;
                    case STALE -> Errno.ESTALE;
                    case MERGE_CONFLICT, CORRUPT, NEWER_FORMAT, IO -> Errno.EIO;
                });
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

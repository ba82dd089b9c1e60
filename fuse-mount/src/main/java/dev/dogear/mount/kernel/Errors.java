package dev.dogear.mount.kernel;

import dev.dogear.store.StoreException;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The one place where what a call threw becomes the errno of an answer. */
public final class Errors {
    private static final System.Logger LOG = System.getLogger(Errors.class.getName());

    private Errors() {}

    /** The errno for {@code thrown}; what is no expected outcome is EIO and in the log, never a success. */
    public static int errnoOf(Throwable thrown, String request) {
        if (thrown instanceof PosixException posix) {
            return posix.errno().number();
        }
        if ((thrown instanceof CompletionException || thrown instanceof ExecutionException)
                && thrown.getCause() != null) {
            return errnoOf(thrown.getCause(), request);
        }
        Errno errno = thrown instanceof StoreException store ? errnoOf(store.kind()) : Errno.EIO;
        if (errno == Errno.EIO) {
            LOG.log(System.Logger.Level.ERROR, "EIO for " + request, thrown);
        }
        return errno.number();
    }

    private static Errno errnoOf(StoreException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> Errno.ENOENT;
            case ALREADY_EXISTS -> Errno.EEXIST;
            case INVALID, MERGE_CONFLICT -> Errno.EINVAL;
            case STALE, IN_USE -> Errno.EBUSY;
            case LIMIT -> Errno.EDQUOT;
            case FORBIDDEN, NOT_APPROVED -> Errno.EACCES;
            case READ_ONLY -> Errno.EROFS;
            case NO_SPACE -> Errno.ENOSPC;
            case CORRUPT, NEWER_FORMAT, IO -> Errno.EIO;
        };
    }
}

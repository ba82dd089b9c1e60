package dev.dogear.mount.vfs;

import dev.dogear.store.StoreException;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions of the store become errnos. Those that a person must hear of are logged here too. */
final class Errnos {
    private static final Logger LOG = LoggerFactory.getLogger(Errnos.class);

    private Errnos() {}

    /** What the system call returns for that refusal or failure. */
    static PosixException of(StoreException e) {
        Errno errno = errno(e.kind());
        if (errno == Errno.EIO) {
            LOG.error("a file operation failed: {}", e.getMessage(), e);
        }
        return new PosixException(errno);
    }

    /** What a failed future of the store becomes; its cause is what a transport looks at. */
    static CompletionException completion(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof PosixException) {
            return new CompletionException(cause);
        }
        if (cause instanceof StoreException refused) {
            return new CompletionException(of(refused));
        }
        LOG.error("a flush failed", cause);
        return new CompletionException(new PosixException(Errno.EIO));
    }

    private static Errno errno(StoreException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> Errno.ENOENT;
            case ALREADY_EXISTS -> Errno.EEXIST;
            case INVALID -> Errno.EINVAL;
            case STALE -> Errno.ESTALE;
            case LIMIT -> Errno.EDQUOT;
            case FORBIDDEN, NOT_APPROVED -> Errno.EPERM;
            case READ_ONLY -> Errno.EROFS;
            case NO_SPACE -> Errno.ENOSPC;
            case IN_USE -> Errno.EBUSY;
            case MERGE_CONFLICT, CORRUPT, NEWER_FORMAT, IO -> Errno.EIO;
        };
    }
}

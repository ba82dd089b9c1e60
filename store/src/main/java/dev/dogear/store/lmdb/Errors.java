package dev.dogear.store.lmdb;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;

/** Turns LMDB's result codes, and the system's errors around its files, into the store's exceptions. */
final class Errors {
    private static final int EIO = 5;
    private static final int ENOMEM = 12;
    private static final int ENOSPC = 28;
    private static final int EDQUOT = 122;
    private static final int PAGE_NOT_FOUND = -30797;
    private static final int CORRUPTED = -30796;
    private static final int INVALID = -30793;
    private static final int MAP_FULL = -30792;

    private Errors() {}

    static StoreException of(String what, Path where, LmdbException cause) {
        int code = cause instanceof LmdbNativeException e ? e.getResultCode() : 0;
        if (code == EIO && DiskErrors.isFull(where)) {
            // LMDB calls a write so that found room for a part of it.
            code = ENOSPC;
        }
        String text = what + " in " + where + " failed";
        return switch (code) {
            case ENOSPC, EDQUOT, ENOMEM, MAP_FULL ->
                new StoreException(Kind.NO_SPACE, text + ": no space is left; free some and try again", cause);
            case CORRUPTED, PAGE_NOT_FOUND, INVALID ->
                new StoreException(
                        Kind.CORRUPT, text + ": the file is damaged; restore the folder from a backup", cause);
            default -> new StoreException(Kind.IO, text + ": " + cause.getMessage(), cause);
        };
    }

    static StoreException of(String what, Path where, IOException cause) {
        return DiskErrors.of(what + " in " + where + " failed", where, cause);
    }

    static StoreException corrupt(String text) {
        return new StoreException(Kind.CORRUPT, text);
    }
}

package dev.dogear.mount.vfs;

/** The call would wait for a closed gate or a slow disk: run it again on a thread that may. */
public final class WouldWaitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WouldWaitException() {
        super(null, null, false, false);
    }
}

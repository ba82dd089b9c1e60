package dev.dogear.mount.vfs;

import dev.dogear.store.workspace.EditLog;

/**
 * Who makes a call, and whether the thread that carries it may wait.
 *
 * @param uid user, of the new file's owner and the like; permission was checked by the kernel
 * @param gid group likewise
 * @param pid process, 0 if unknown
 * @param mayWait false on a transport's reader: a call that would wait throws {@link WouldWaitException} instead, nothing done
 * @param cause the request
 */
public record Caller(int uid, int gid, int pid, boolean mayWait, EditLog.Cause cause) {
    /** One who asks once. */
    public Caller(int uid, int gid, int pid, boolean mayWait) {
        this(uid, gid, pid, mayWait, EditLog.Cause.NONE);
    }

    /** The same caller on a thread that may wait. */
    public Caller waiting() {
        return new Caller(uid, gid, pid, true, cause);
    }
}

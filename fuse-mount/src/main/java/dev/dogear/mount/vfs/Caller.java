package dev.dogear.mount.vfs;

/**
 * Who makes a call, and whether the thread that carries it may wait.
 *
 * @param uid user, of the new file's owner and the like; permission was checked by the kernel
 * @param gid group likewise
 * @param pid process, 0 if unknown
 * @param mayWait false on a transport's reader: a call that would wait throws {@link WouldWaitException} instead, nothing done
 */
public record Caller(int uid, int gid, int pid, boolean mayWait) {
    /** The same caller on a thread that may wait. */
    public Caller waiting() {
        return new Caller(uid, gid, pid, true);
    }
}

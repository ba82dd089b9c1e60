package dev.dogear.store.workspace;

/**
 * Who makes a file and with which permissions (umask already applied). In a set-group-id directory the group is the
 * directory's, and a new directory gets the bit, as ext4 does; the workspace sees to that. The cause
 * is the request that asks for it.
 */
public record NewFile(int mode, int uid, int gid, EditLog.Cause cause) {
    /** Made once, whoever asks. */
    public NewFile(int mode, int uid, int gid) {
        this(mode, uid, gid, EditLog.Cause.NONE);
    }
}

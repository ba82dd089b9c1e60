package dev.dogear.store.workspace;

/**
 * Who makes a file and with which permissions. In a set-group-id directory the group is the directory's, and a new
 * directory gets the bit, as ext4 does; the workspace sees to that, and to the directory's default access control list.
 *
 * @param mode as it was asked for
 * @param umask what is taken from it, unless the directory has a default list
 * @param cause the request that asks for it
 */
public record NewFile(int mode, int umask, int uid, int gid, EditLog.Cause cause) {
    /** With the mode as it is to be, made once, whoever asks. */
    public NewFile(int mode, int uid, int gid) {
        this(mode, 0, uid, gid, EditLog.Cause.NONE);
    }

    /** Made once, whoever asks. */
    public NewFile(int mode, int umask, int uid, int gid) {
        this(mode, umask, uid, gid, EditLog.Cause.NONE);
    }
}

package dev.dogear.store.workspace;

/**
 * Who makes a file and with which permissions. In a set-group-id directory the group is the directory's, and a new
 * directory gets the bit, as ext4 does; the workspace sees to that, and to the directory's default access control list.
 *
 * @param mode as it was asked for
 * @param umask what is taken from it, unless the directory has a default list
 */
public record NewFile(int mode, int umask, int uid, int gid) {
    /** With the mode as it is to be. */
    public NewFile(int mode, int uid, int gid) {
        this(mode, 0, uid, gid);
    }
}

package dev.dogear.store.workspace;

/**
 * Who makes a file and with which permissions (umask already applied). In a set-group-id directory the group is the
 * directory's, and a new directory gets the bit, as ext4 does; the workspace sees to that.
 */
public record NewFile(int mode, int uid, int gid) {}

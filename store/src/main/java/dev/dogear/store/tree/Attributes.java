package dev.dogear.store.tree;

/**
 * What a file carries besides its name and content.
 *
 * @param mode permission, set-id and sticky bits: the low 12 bits of {@code st_mode}
 * @param uid owner
 * @param gid group
 * @param mtime last change of the content
 * @param ctime last change of content or attributes
 * @param xattrs extended attributes, empty for nearly all files
 */
public record Attributes(int mode, int uid, int gid, Timestamp mtime, Timestamp ctime, Xattrs xattrs) {
    /** The bits of a mode that are kept here. */
    public static final int MODE_MASK = 07777;

    /** Nothing allowed, owned by root, at the epoch. */
    public static final Attributes NONE = new Attributes(0, 0, 0, Timestamp.EPOCH, Timestamp.EPOCH, Xattrs.NONE);

    /** The same but for the mode. */
    public Attributes withMode(int newMode) {
        return new Attributes(newMode & MODE_MASK, uid, gid, mtime, ctime, xattrs);
    }

    /** The same but for the owner and group. */
    public Attributes withOwner(int newUid, int newGid) {
        return new Attributes(mode, newUid, newGid, mtime, ctime, xattrs);
    }

    /** The same but for the times. */
    public Attributes withTimes(Timestamp newMtime, Timestamp newCtime) {
        return new Attributes(mode, uid, gid, newMtime, newCtime, xattrs);
    }

    /** The same but for the extended attributes. */
    public Attributes withXattrs(Xattrs newXattrs) {
        return new Attributes(mode, uid, gid, mtime, ctime, newXattrs);
    }

    /** Equal but for the times: what diff and merge compare. */
    public boolean sameButTimes(Attributes other) {
        return mode == other.mode && uid == other.uid && gid == other.gid && xattrs.equals(other.xattrs);
    }
}

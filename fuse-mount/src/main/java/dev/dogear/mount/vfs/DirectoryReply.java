package dev.dogear.mount.vfs;

/** Where a listing is written: a reply buffer of a transport. */
public interface DirectoryReply {
    /**
     * Adds a name.
     *
     * @param inode st_ino
     * @param cookie the offset with which the listing goes on after this entry
     * @param typeBits of st_mode
     * @return false if there is no room: the entry was not added
     */
    boolean add(byte[] name, long inode, long cookie, int typeBits);

    /**
     * Adds a name with its attributes (readdirplus); a look-up is counted if this says true.
     *
     * @return false if there is no room: the entry was not added
     */
    boolean addPlus(byte[] name, Entry entry, long cookie);
}

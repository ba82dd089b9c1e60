package dev.dogear.mount.vfs;

import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory as {@link Listing} reads it: of a workspace, or a level above. */
interface Listed {
    /** What stat tells of the directory itself. */
    NodeAttributes self() throws PosixException;

    /** What stat tells of the directory above; at least inode and type. */
    NodeAttributes above() throws PosixException;

    /**
     * The entries with a cookie of at least {@code cookie}, in order. About {@code most} of them, and never one of
     * several that share a cookie without the others; empty at the end.
     */
    List<Item> from(long cookie, int most) throws PosixException;

    /** Looks the entry up and counts that; null if it is gone; node 0 and nothing counted if it is shown by name only. */
    @Nullable
    Entry look(Item item);

    /** Takes back the count of {@link #look}: the answer had no room for it. */
    void unlook(Entry entry);

    /** An entry of a directory. */
    record Item(byte[] name, long inode, int typeBits, long cookie) {}
}

package dev.dogear.store.tree;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.Output;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A {@link Root} as bytes inside the rows that hold one: a byte of format and flags, the directory's entry, the links, the conflicts. */
public final class Roots {
    private static final int VERSION = 0x10;
    private static final int LINKS_FLAG = 0x01;
    private static final int CONFLICTS_FLAG = 0x02;
    private static final TreeEntry EMPTY_DIRECTORY =
            TreeEntry.directory(TreeEntry.ROOT_FILE_ID, Attributes.NONE.withMode(0755), 0, null);

    /** The empty tree, its directory owned by root, mode 0755, at the epoch. */
    public static final Root EMPTY = new Root(EMPTY_DIRECTORY, null, null);

    private Roots() {}

    /** Writes the root at the buffer's position; {@link #encode} tells how long it is. */
    public static void write(Root root, ByteBuffer out) {
        out.put(encode(root));
    }

    /** The root's bytes; they carry their own end. */
    public static byte[] encode(Root root) {
        Output out = new Output(96);
        out.u8(VERSION | (root.links() == null ? 0 : LINKS_FLAG) | (root.conflicts() == null ? 0 : CONFLICTS_FLAG));
        EntryCodec.write(out, root.directory());
        if (root.links() != null) {
            out.id(root.links());
        }
        if (root.conflicts() != null) {
            EntryCodec.write(out, root.conflicts());
        }
        return out.toBytes();
    }

    /**
     * Reads a root at the buffer's position and moves past it.
     *
     * @throws StoreException of kind CORRUPT or NEWER_FORMAT
     */
    public static Root read(ByteBuffer in) {
        try {
            int head = in.get() & 0xFF;
            if ((head & ~(LINKS_FLAG | CONFLICTS_FLAG)) != VERSION) {
                throw new StoreException(StoreException.Kind.NEWER_FORMAT, "Unknown format of a root: " + head);
            }
            TreeEntry directory = EntryCodec.read(in);
            @Nullable ObjectId links = (head & LINKS_FLAG) == 0 ? null : ObjectId.read(in);
            @Nullable TreeEntry conflicts = (head & CONFLICTS_FLAG) == 0 ? null : EntryCodec.read(in);
            return new Root(directory, links, conflicts);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Malformed root", e);
        }
    }
}

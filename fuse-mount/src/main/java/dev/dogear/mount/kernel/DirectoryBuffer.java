package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.DirectoryReply;
import dev.dogear.mount.vfs.Entry;
import java.nio.ByteBuffer;

/** Puts names into the answer to READDIR or, each with its attributes, to READDIRPLUS. */
final class DirectoryBuffer implements DirectoryReply {
    private final ByteBuffer buffer;
    private final long directory;
    private final int end;
    private final boolean plus;
    private final ShownNames shown;
    private int at;

    /** @param size how many bytes the kernel has room for */
    DirectoryBuffer(ByteBuffer buffer, long directory, int size, boolean plus, ShownNames shown) {
        this.buffer = buffer;
        this.directory = directory;
        this.at = Wire.OUT_SIZE;
        this.end = Wire.OUT_SIZE + size;
        this.plus = plus;
        this.shown = shown;
    }

    /** In a listing with attributes this is an entry without: the kernel counts no look-up for node 0. */
    @Override
    public boolean add(byte[] name, long inode, long cookie, int typeBits) {
        int head = plus ? Wire.ENTRY_SIZE : 0;
        if (!fits(head, name)) {
            return false;
        }
        Wire.zero(buffer, at, head);
        Wire.putName(buffer, at + head, name, inode, cookie, typeBits);
        at += head + Wire.padded(Wire.DIRENT_NAME + name.length);
        return true;
    }

    @Override
    public boolean addPlus(byte[] name, Entry entry, long cookie) {
        if (!plus) {
            throw new IllegalStateException("attributes in a listing without");
        }
        if (!fits(Wire.ENTRY_SIZE, name)) {
            return false;
        }
        Wire.putEntry(buffer, at, entry);
        int typeBits = entry.attributes().type().modeBits();
        Wire.putName(buffer, at + Wire.ENTRY_SIZE, name, entry.attributes().inode(), cookie, typeBits);
        at += Wire.ENTRY_SIZE + Wire.padded(Wire.DIRENT_NAME + name.length);
        shown.note(directory, name, entry.node());
        return true;
    }

    /** Bytes of payload. */
    int size() {
        return at - Wire.OUT_SIZE;
    }

    private boolean fits(int head, byte[] name) {
        return at + head + Wire.padded(Wire.DIRENT_NAME + name.length) <= end;
    }
}

package dev.dogear.store.workspace;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import java.nio.ByteBuffer;

/** A symbolic link, FIFO, socket or device: everything but its attributes is fixed when it is made. */
public final class OtherNode extends Node {
    private final byte[] payload;

    OtherNode(Workspace workspace, TreeEntry entry) {
        super(workspace, entry);
        this.payload = entry.payload();
    }

    /** The target of a symbolic link, not to be written to. */
    byte[] payload() {
        return payload;
    }

    long device() {
        return isDevice(type()) ? ByteBuffer.wrap(payload).getLong() : 0;
    }

    @Override
    TreeEntry entry() {
        return type() == EntryType.SYMLINK
                ? TreeEntry.symlink(fileId(), attributes(), payload)
                : TreeEntry.special(fileId(), type(), attributes(), payload);
    }

    static boolean isDevice(EntryType type) {
        return type == EntryType.CHARACTER_DEVICE || type == EntryType.BLOCK_DEVICE;
    }
}

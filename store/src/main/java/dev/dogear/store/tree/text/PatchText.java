package dev.dogear.store.tree.text;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The unified text of changed paths: files and symbolic links, which are what a patch can say. */
public final class PatchText {
    /** Content above this is compared as binary, so that a diff needs bounded memory. */
    private static final long TEXT_BYTES_MAX = 32 << 20;

    private static final int EXECUTABLE_BITS = 0111;
    private static final byte[] TOO_LARGE = {0};

    private final ObjectTable objects;

    private PatchText(ObjectTable objects) {
        this.objects = objects;
    }

    public static byte[] of(ObjectTable objects, List<PathChange> changes) {
        PatchText text = new PatchText(objects);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (PathChange change : changes) {
            TreePath oldPath = change.oldPath();
            out.writeBytes(Patch.of(
                    text.side(oldPath == null ? change.path() : oldPath, change.before()),
                    text.side(change.path(), change.after())));
        }
        return out.toByteArray();
    }

    private Patch.@Nullable Side side(TreePath path, @Nullable TreeEntry entry) {
        if (entry == null) {
            return null;
        }
        return switch (entry.type()) {
            case FILE -> new Patch.Side(bytes(path), mode(entry), content(entry));
            case SYMLINK -> new Patch.Side(bytes(path), EntryType.SYMLINK.modeBits(), entry.payload());
            default -> null;
        };
    }

    private static int mode(TreeEntry entry) {
        boolean executable = (entry.attributes().mode() & EXECUTABLE_BITS) != 0;
        return EntryType.FILE.modeBits() | (executable ? 0755 : 0644);
    }

    private byte[] content(TreeEntry entry) {
        if (entry.size() > TEXT_BYTES_MAX) {
            return TOO_LARGE;
        }
        ByteBuffer content = ByteBuffer.allocate((int) entry.size());
        new StoredContent(objects, entry.content(), entry.size()).read(0, content);
        return content.array();
    }

    private static byte[] bytes(TreePath path) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Name name : path.names()) {
            if (out.size() > 0) {
                out.write('/');
            }
            out.writeBytes(name.toBytes());
        }
        return out.toByteArray();
    }
}

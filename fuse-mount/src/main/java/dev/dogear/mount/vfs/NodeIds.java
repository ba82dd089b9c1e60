package dev.dogear.mount.vfs;

import dev.dogear.mount.commands.CommandFile;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.workspace.Node;

/** How a node id is put together: bookmark number in the high 32 bits, file id in the low; number 0 is a level. */
final class NodeIds {
    private static final int FILE_ID_BITS = 32;
    private static final long FILE_ID_MASK = 0xffff_ffffL;

    private NodeIds() {}

    static long of(int bookmark, int fileId) {
        return (long) bookmark << FILE_ID_BITS | (fileId & FILE_ID_MASK);
    }

    static long of(Node node) {
        return of(node.workspace().number(), node.fileId());
    }

    /** The bookmark's number, 0 of a level. */
    static int bookmark(long id) {
        return (int) (id >>> FILE_ID_BITS);
    }

    static int fileId(long id) {
        return (int) id;
    }

    /** Whether the id is of a directory above bookmarks. */
    static boolean isLevel(long id) {
        return bookmark(id) == 0;
    }

    /** Whether the id is of {@code .dogear} in a bookmark's root or of a file in it. */
    static boolean isControl(long id) {
        return !isLevel(id) && CommandFile.is(fileId(id));
    }

    /** Whether the name is {@code .dogear} in the root of a bookmark. */
    static boolean isControlName(long parent, byte[] name) {
        return fileId(parent) == TreeEntry.ROOT_FILE_ID && !isLevel(parent) && CommandFile.isDirectoryName(name);
    }

    static boolean sameBookmark(long one, long other) {
        return bookmark(one) == bookmark(other);
    }
}

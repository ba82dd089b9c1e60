package dev.dogear.store.tree;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectKind;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as its directory records it, without its name. The arrays of {@link #payload()} are shared: never write to one.
 *
 * @param fileId the file's number in its repository, unsigned 32 bits; a root directory has {@link #ROOT_FILE_ID}
 * @param type what it is
 * @param attributes mode, owner, times, extended attributes; {@link Attributes#NONE} for {@link EntryType#LINKED}
 * @param size content length in bytes of a file, target length of a symbolic link, number of entries of a directory
 * @param content a file's content or a directory's tree; absent when empty and for other types
 * @param payload symbolic link target or device number (8 bytes, big-endian); empty for other types
 */
public record TreeEntry(
        int fileId,
        EntryType type,
        Attributes attributes,
        long size,
        @Nullable ContentRef content,
        byte[] payload) {
    /** The file id of every root directory. */
    public static final int ROOT_FILE_ID = 1;

    private static final byte[] NO_PAYLOAD = {};

    /** A regular file. */
    public static TreeEntry file(int fileId, Attributes attributes, long size, @Nullable ContentRef content) {
        return new TreeEntry(fileId, EntryType.FILE, attributes, size, content, NO_PAYLOAD);
    }

    /** A directory of {@code entries} entries. */
    public static TreeEntry directory(int fileId, Attributes attributes, long entries, @Nullable ContentRef tree) {
        if (tree != null && tree.kind() != ObjectKind.TREE) {
            throw new IllegalArgumentException("a directory's content is a tree");
        }
        return new TreeEntry(fileId, EntryType.DIRECTORY, attributes, entries, tree, NO_PAYLOAD);
    }

    /** A symbolic link to the bytes of {@code target}. */
    public static TreeEntry symlink(int fileId, Attributes attributes, byte[] target) {
        return new TreeEntry(fileId, EntryType.SYMLINK, attributes, target.length, null, target);
    }

    /** A FIFO, socket or device; {@code payload} is the device number, empty for the first two. */
    public static TreeEntry special(int fileId, EntryType type, Attributes attributes, byte[] payload) {
        return new TreeEntry(fileId, type, attributes, 0, null, payload);
    }

    /** The directory entry of a file whose record is in the {@link LinkTable}. */
    public static TreeEntry linked(int fileId) {
        return new TreeEntry(fileId, EntryType.LINKED, Attributes.NONE, 0, null, NO_PAYLOAD);
    }

    /** The same file with other attributes. */
    public TreeEntry withAttributes(Attributes newAttributes) {
        return new TreeEntry(fileId, type, newAttributes, size, content, payload);
    }

    /** The same content and attributes under another file id. */
    public TreeEntry withFileId(int newFileId) {
        return new TreeEntry(newFileId, type, attributes, size, content, payload);
    }

    /** The same file or directory with other content. */
    public TreeEntry withContent(long newSize, @Nullable ContentRef newContent) {
        return new TreeEntry(fileId, type, attributes, newSize, newContent, payload);
    }

    /** Equal in all that diff and merge compare: everything but file id and times. */
    public boolean sameState(TreeEntry other) {
        return sameContent(other) && attributes.sameButTimes(other.attributes);
    }

    /** Same type and same content, whatever the attributes. */
    public boolean sameContent(TreeEntry other) {
        return type == other.type
                && size == other.size
                && Objects.equals(content, other.content)
                && Arrays.equals(payload, other.payload);
    }

    /**
     * Whether what shows this file under its id can go on to show the other one: the content of files and directories changes;
     * the type, and where a link or device leads, is fixed when it is made.
     */
    public boolean canBecome(TreeEntry other) {
        return type == other.type && Arrays.equals(payload, other.payload);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TreeEntry other
                && fileId == other.fileId
                && sameContent(other)
                && attributes.equals(other.attributes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(fileId, type, size, content);
    }
}

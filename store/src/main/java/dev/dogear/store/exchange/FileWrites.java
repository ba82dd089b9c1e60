package dev.dogear.store.exchange;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Authoring.FileWrite;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.tree.conflict.Settlement;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts files that were sent whole into a tree, at the cost of the files and the directories above them. A file that is
 * written keeps its file id, owner and extended attributes; a new one, and each directory that had to be made for it, has
 * the owner of the directory it is in. Used once.
 */
public final class FileWrites {
    private static final int FILE_MODE = 0644;
    private static final int EXECUTABLE = 0111;

    private final ObjectTable objects;
    private final Root before;
    private final IntSupplier fileIds;
    private final Timestamp now;
    private final Place top = new Place();
    /** By file id: names that a file with several names loses. */
    private final Map<Integer, TreeSet<TreePath>> unlinked = new HashMap<>();

    /** What is to be at a path and below it. */
    private static final class Place {
        private final SortedMap<Name, Place> below = new TreeMap<>();
        /** Null: nothing is asked for the path itself. */
        private @Nullable FileWrite write;
        /** A file that was one of several names and is alone now. */
        private @Nullable TreeEntry alone;
    }

    public FileWrites(ObjectTable objects, Root before, IntSupplier fileIds, Timestamp now) {
        this.objects = objects;
        this.before = before;
        this.fileIds = fileIds;
        this.now = now;
    }

    /** @throws StoreException INVALID for paths that cannot be; NOT_FOUND for a deletion of what is not there */
    public Root apply(List<FileWrite> writes) {
        if (writes.isEmpty()) {
            return before;
        }
        for (FileWrite write : writes) {
            if (write.path().isRoot()) {
                throw new StoreException(Kind.INVALID, "A file has a path.");
            }
            Place place = place(write.path());
            if (place.write != null) {
                throw new StoreException(Kind.INVALID, "The path is there twice: " + write.path());
            }
            place.write = write;
            unlink(write);
        }
        Map<Integer, Optional<LinkedFile>> links = new HashMap<>();
        unlinked.forEach((fileId, gone) -> links.put(fileId, without(fileId, gone)));
        TreeEntry directory = directory(top, before.directory(), TreePath.ROOT);
        ObjectId table = links.isEmpty() ? before.links() : LinkTable.edit(objects, before.links(), links);
        return Settlement.after(objects, before, new Root(directory, table, before.conflicts()));
    }

    private Place place(TreePath path) {
        Place place = top;
        for (Name name : path.names()) {
            place = place.below.computeIfAbsent(name, missing -> new Place());
        }
        return place;
    }

    /** Notes the names of files with several names that this takes away. */
    private void unlink(FileWrite write) {
        TreeEntry entry = before.links() == null ? null : Trees.find(objects, before, write.path());
        if (entry != null) {
            unlink(write.path(), entry);
        }
    }

    private void unlink(TreePath path, TreeEntry entry) {
        if (entry.type() == EntryType.LINKED) {
            unlinked.computeIfAbsent(entry.fileId(), id -> new TreeSet<>()).add(path);
        } else if (entry.type() == EntryType.DIRECTORY) {
            Trees.list(objects, entry.content(), 0, (name, below) -> {
                unlink(path.child(name), below);
                return true;
            });
        }
    }

    private Optional<LinkedFile> without(int fileId, Set<TreePath> gone) {
        LinkedFile file = LinkTable.require(objects, before.links(), fileId);
        TreeSet<TreePath> left = new TreeSet<>(file.paths());
        left.removeAll(gone);
        if (left.size() == 1) {
            place(left.first()).alone = file.entry();
        }
        return left.size() > 1
                ? Optional.of(new LinkedFile(file.entry(), ImmutableSortedSet.copyOf(left)))
                : Optional.empty();
    }

    private TreeEntry directory(Place place, TreeEntry directory, TreePath path) {
        SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
        boolean namesChanged = false;
        for (Map.Entry<Name, Place> each : place.below.entrySet()) {
            TreeEntry old = Trees.find(objects, directory.content(), each.getKey());
            TreeEntry made = entry(each.getValue(), old, directory.attributes(), path.child(each.getKey()));
            edits.put(each.getKey(), Optional.ofNullable(made));
            namesChanged |= (old == null) != (made == null);
        }
        TreeEntry edited = Trees.editDirectory(objects, directory, edits);
        return namesChanged ? edited.withAttributes(edited.attributes().withTimes(now, now)) : edited;
    }

    private @Nullable TreeEntry entry(Place place, @Nullable TreeEntry old, Attributes above, TreePath path) {
        FileWrite write = place.write;
        boolean deleted = write != null && write.content() == null;
        if (deleted && old == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is nothing to delete at " + path);
        }
        if (place.alone != null) {
            return place.alone;
        }
        if (place.below.isEmpty()) {
            return deleted || write == null ? null : file(write, old, above);
        }
        if (write != null && !deleted) {
            throw new StoreException(Kind.INVALID, "The path would be a file and a directory: " + path);
        }
        TreeEntry start = deleted ? null : old;
        if (start != null && start.type() != EntryType.DIRECTORY) {
            throw new StoreException(Kind.INVALID, "There is a file at " + path + ": delete it in the same change.");
        }
        return directory(place, start == null ? newDirectory(above) : start, path);
    }

    private TreeEntry newDirectory(Attributes above) {
        Attributes attributes = new Attributes(above.mode(), above.uid(), above.gid(), now, now, Xattrs.NONE);
        return TreeEntry.directory(fileIds.getAsInt(), attributes, 0, null);
    }

    private TreeEntry file(FileWrite write, @Nullable TreeEntry old, Attributes above) {
        if (old != null && old.type() == EntryType.DIRECTORY) {
            throw new StoreException(Kind.INVALID, "There is a directory at " + write.path() + ": delete it first.");
        }
        byte[] bytes = write.content() == null ? new byte[0] : write.content();
        ContentRef content = new ContentWriter(objects, bytes.length)
                .data(ByteBuffer.wrap(bytes))
                .finish();
        TreeEntry kept = old != null && old.type() == EntryType.FILE ? old : null;
        TreeEntry like = old == null ? null : Trees.resolve(objects, before, old);
        Attributes attributes = like != null && like.type() == EntryType.FILE
                ? like.attributes()
                : new Attributes(FILE_MODE, above.uid(), above.gid(), now, now, Xattrs.NONE);
        Boolean executable = write.executable();
        if (executable != null) {
            int mode = attributes.mode();
            attributes = attributes.withMode(executable ? mode | EXECUTABLE : mode & ~EXECUTABLE);
        }
        TreeEntry made =
                TreeEntry.file(kept != null ? kept.fileId() : fileIds.getAsInt(), attributes, bytes.length, content);
        if (kept != null && made.sameState(kept)) {
            return kept;
        }
        boolean sameContent = kept != null && made.sameContent(kept);
        return made.withAttributes(attributes.withTimes(sameContent ? attributes.mtime() : now, now));
    }
}

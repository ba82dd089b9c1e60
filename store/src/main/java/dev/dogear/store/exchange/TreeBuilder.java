package dev.dogear.store.exchange;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a whole tree from files that come in any order, with the names first seen as {@code before} has them: a file at
 * the same path and of the same type keeps its file id, and one that is equal keeps its entry, times included.
 */
final class TreeBuilder {
    private final ObjectTable objects;
    private final IntSupplier fileIds;
    private final Folder top;

    /** A file to be, which several names may share. */
    static final class Item {
        private final TreeEntry entry;
        private final TreeSet<TreePath> paths = new TreeSet<>();
        private int fileId;

        Item(TreeEntry entry) {
            this.entry = entry;
        }
    }

    private static final class Folder {
        private TreeEntry entry;
        private final SortedMap<Name, Folder> folders = new TreeMap<>();
        private final SortedMap<Name, Item> items = new TreeMap<>();

        Folder(TreeEntry entry) {
            this.entry = entry;
        }
    }

    /** @param root attributes of the root directory */
    TreeBuilder(ObjectTable objects, IntSupplier fileIds, TreeEntry root) {
        this.objects = objects;
        this.fileIds = fileIds;
        this.top = new Folder(root);
    }

    /** Puts a directory, or gives one that was implied by a path below it its attributes. */
    void directory(TreePath path, TreeEntry entry) {
        if (path.isRoot()) {
            top.entry = entry;
        } else {
            folder(path, entry).entry = entry;
        }
    }

    /** Puts a file of any other type, or one more name of it. */
    void file(TreePath path, Item item) {
        Folder folder = path.parent().isRoot() ? top : folder(path.parent(), top.entry);
        folder.folders.remove(path.name());
        Item replaced = folder.items.put(path.name(), item);
        if (replaced != null) {
            replaced.paths.remove(path);
        }
        item.paths.add(path);
    }

    /** The item at a path that was put before, for a hard link of an archive. */
    @Nullable
    Item find(TreePath path) {
        Folder folder = top;
        for (Name name : path.parent().names()) {
            folder = folder.folders.get(name);
            if (folder == null) {
                return null;
            }
        }
        return folder.items.get(path.name());
    }

    private Folder folder(TreePath path, TreeEntry implied) {
        Folder folder = top;
        for (Name name : path.names()) {
            folder.items.remove(name);
            folder = folder.folders.computeIfAbsent(name, missing -> new Folder(implied));
        }
        return folder;
    }

    /** Stores the tree. */
    Root build(Root before) {
        SortedMap<Integer, Optional<LinkedFile>> links = new TreeMap<>();
        TreeEntry root =
                build(top, before.directory(), TreePath.ROOT, links, before).withFileId(TreeEntry.ROOT_FILE_ID);
        ObjectId table = links.isEmpty() ? null : LinkTable.edit(objects, null, links);
        return new Root(root, table, null);
    }

    private TreeEntry build(
            Folder folder,
            @Nullable TreeEntry before,
            TreePath path,
            SortedMap<Integer, Optional<LinkedFile>> links,
            Root root) {
        ContentRef old = before != null && before.type() == EntryType.DIRECTORY ? before.content() : null;
        SortedMap<Name, Optional<TreeEntry>> entries = new TreeMap<>();
        folder.folders.forEach((name, below) -> entries.put(
                name, Optional.of(build(below, Trees.find(objects, old, name), path.child(name), links, root))));
        folder.items.forEach((name, item) ->
                entries.put(name, Optional.of(place(item, Trees.find(objects, old, name), links, root))));
        ContentRef tree = Trees.edit(objects, null, entries);
        TreeEntry made =
                TreeEntry.directory(keptId(before, folder.entry), folder.entry.attributes(), entries.size(), tree);
        return kept(before, made);
    }

    private TreeEntry place(
            Item item, @Nullable TreeEntry before, SortedMap<Integer, Optional<LinkedFile>> links, Root root) {
        TreeEntry resolved = before;
        if (before != null && before.type() == EntryType.LINKED) {
            LinkedFile linked = LinkTable.find(objects, root.links(), before.fileId());
            resolved = linked == null ? null : linked.entry();
        }
        if (item.fileId == 0) {
            item.fileId = keptId(resolved, item.entry);
        }
        TreeEntry made = item.entry.withFileId(item.fileId);
        if (item.paths.size() == 1) {
            return kept(resolved, made);
        }
        links.put(item.fileId, Optional.of(new LinkedFile(made, ImmutableSortedSet.copyOf(item.paths))));
        return TreeEntry.linked(item.fileId);
    }

    private int keptId(@Nullable TreeEntry before, TreeEntry entry) {
        boolean same =
                before != null && before.type() == entry.type() && (isMutable(entry) || before.sameContent(entry));
        return before != null && same ? before.fileId() : fileIds.getAsInt();
    }

    /** Whether a file of this type can come to have other content: a symbolic link or a device never does, it is replaced. */
    private static boolean isMutable(TreeEntry entry) {
        return entry.type() == EntryType.FILE || entry.type() == EntryType.DIRECTORY;
    }

    /** The entry there was if nothing but its ctime would differ. */
    private static TreeEntry kept(@Nullable TreeEntry before, TreeEntry made) {
        if (before == null || !before.sameState(made)) {
            return made;
        }
        return before.attributes().mtime().equals(made.attributes().mtime()) ? before : made;
    }
}

package dev.dogear.store.tree.unversioned;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Small steps that both directions take. */
final class Placing {
    private Placing() {}

    static boolean isDirectory(@Nullable TreeEntry entry) {
        return entry != null && entry.type() == EntryType.DIRECTORY;
    }

    /** Whether both are the same directory, whatever is in it. */
    static boolean isSame(@Nullable TreeEntry old, @Nullable TreeEntry entry) {
        return old != null && entry != null && isDirectory(old) && isDirectory(entry) && old.fileId() == entry.fileId();
    }

    /** The tree of a directory; null for none or for another file. */
    static @Nullable ContentRef tree(@Nullable TreeEntry entry) {
        return entry != null && isDirectory(entry) ? entry.content() : null;
    }

    /** The directory with another entry at a path below it; the directories on the way are there. */
    static TreeEntry set(ObjectTable table, TreeEntry directory, TreePath path, TreeEntry entry) {
        return set(table, directory, path, 0, entry);
    }

    private static TreeEntry set(ObjectTable table, TreeEntry directory, TreePath path, int depth, TreeEntry entry) {
        Name name = path.names().get(depth);
        TreeEntry child = entry;
        if (depth + 1 < path.names().size()) {
            TreeEntry below = Trees.find(table, directory.content(), name);
            if (below == null) {
                throw new IllegalArgumentException("no directory on the way to " + path);
            }
            child = set(table, below, path, depth + 1, entry);
        }
        SortedMap<Name, Optional<TreeEntry>> edit = new TreeMap<>();
        edit.put(name, Optional.of(child));
        return Trees.editDirectory(table, directory, edit);
    }
}

package dev.dogear.store.care;

import com.google.common.collect.Iterables;
import dev.dogear.store.StoreException;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows every reference of the trees of one repository; what two trees share is followed once. */
final class TreeCheck {
    private final ObjectTable objects;
    private final Consumer<String> problems;
    private final Set<ObjectId> seenNodes = new HashSet<>();
    private final Set<ObjectId> seenContent = new HashSet<>();

    /** Of the content: told wherever it is named. */
    private final Set<ObjectId> missing = new HashSet<>();

    /** Files with several names in the root that is checked: a record is as long as it has names, so it is looked for once. */
    private final Set<Integer> linkedSeen = new HashSet<>();

    /** Lists of conflicts that were looked into. */
    private final Set<TreeEntry> listsSeen = new HashSet<>();

    private long entries;

    TreeCheck(ObjectTable objects, Consumer<String> problems) {
        this.objects = objects;
        this.problems = problems;
    }

    long entries() {
        return entries;
    }

    /** @param where what refers to the root, for the text of a problem */
    void check(String where, Root root) {
        linkedSeen.clear();
        try {
            directory(where, root, root.directory());
            LinkTable.walk(objects, root.links(), seenNodes::add, (fileId, file) -> {
                linked(where, root, fileId, file);
                return true;
            });
            conflicts(where, root);
        } catch (RuntimeException e) {
            problems.accept(where + " cannot be read: " + e.getMessage());
        }
    }

    private void directory(String where, Root root, TreeEntry directory) {
        if (directory.type() != EntryType.DIRECTORY) {
            problems.accept(where + " is no directory");
            return;
        }
        List<Map.Entry<Name, TreeEntry>> children = new ArrayList<>();
        try {
            Trees.walk(
                    objects,
                    directory.content(),
                    seenNodes::add,
                    (name, entry) -> children.add(Map.entry(name, entry)));
        } catch (StoreException e) {
            // What it names beside the unreadable part is looked at all the same.
            problems.accept(where + "/ cannot be read: " + e.getMessage());
        }
        for (Map.Entry<Name, TreeEntry> child : children) {
            entries++;
            String path = where + "/" + child.getKey();
            TreeEntry entry = child.getValue();
            switch (entry.type()) {
                case DIRECTORY -> directory(path, root, entry);
                case LINKED -> {
                    if (linkedSeen.add(entry.fileId())
                            && LinkTable.find(objects, root.links(), entry.fileId()) == null) {
                        problems.accept(path + " names a linked file that has no record");
                    }
                }
                default -> content(path, entry);
            }
        }
    }

    /** The list itself, and every base and side it names. */
    private void conflicts(String where, Root root) {
        TreeEntry list = root.conflicts();
        if (list == null) {
            return;
        }
        content(where + ", list of conflicts", list);
        if (!listsSeen.add(list)) {
            return;
        }
        ConflictList.of(objects, root).forEach((path, conflict) -> {
            for (Conflict.Version version : Iterables.concat(conflict.bases(), conflict.sides())) {
                String text = where + ", conflict at " + path + ", version " + version.path();
                TreeEntry entry = version.entry();
                if (entry != null && entry.type() == EntryType.DIRECTORY) {
                    directory(text, root, entry);
                } else if (entry != null) {
                    content(text, entry);
                }
            }
        });
    }

    private void linked(String where, Root root, int fileId, LinkedFile file) {
        content(where + ", linked file " + fileId, file.entry());
        for (TreePath path : file.paths()) {
            TreeEntry entry = find(root, path);
            if (entry == null || entry.type() != EntryType.LINKED || entry.fileId() != fileId) {
                problems.accept(where + "/" + path + " should be a name of linked file " + fileId);
            }
        }
    }

    private @Nullable TreeEntry find(Root root, TreePath path) {
        TreeEntry at = root.directory();
        for (Name name : path.names()) {
            at = at == null || at.type() != EntryType.DIRECTORY ? null : Trees.find(objects, at.content(), name);
        }
        return at;
    }

    private void content(String path, TreeEntry entry) {
        ContentRef content = entry.content();
        if (entry.type() != EntryType.FILE || content == null) {
            return;
        }
        StoredContent stored = new StoredContent(objects, content, entry.size());
        try {
            stored.objects(object -> {
                boolean first = !missing.contains(object.id()) && seenContent.add(object.id());
                if (first && !objects.contains(object.id())) {
                    missing.add(object.id());
                }
                if (missing.contains(object.id())) {
                    problems.accept(path + " refers to object " + object.id() + ", which is missing");
                    return false;
                }
                return first;
            });
        } catch (StoreException e) {
            problems.accept(path + " cannot be read: " + e.getMessage());
        }
    }
}

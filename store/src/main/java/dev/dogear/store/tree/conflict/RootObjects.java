package dev.dogear.store.tree.conflict;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every object a root refers to: nodes of directories and of the links, contents down to the chunks, the list of
 * conflicts, and what the conflicts' bases and sides are made of. For collectors, exports and whoever else must miss none.
 */
public final class RootObjects {
    private final ObjectTable table;
    private final Predicate<ObjectId> into;

    private RootObjects(ObjectTable table, Predicate<ObjectId> into) {
        this.table = table;
        this.into = into;
    }

    /**
     * Shows the ids, an object before what it refers to. What lies below an object that {@code into} says false to is
     * left out, so a set's {@code add} follows what several roots share once.
     */
    public static void visit(ObjectTable table, Root root, Predicate<ObjectId> into) {
        RootObjects objects = new RootObjects(table, into);
        objects.entry(root.directory());
        List<TreeEntry> linked = new ArrayList<>();
        LinkTable.walk(table, root.links(), into, (fileId, file) -> linked.add(file.entry()));
        linked.forEach(objects::entry);
        @Nullable TreeEntry conflicts = root.conflicts();
        if (conflicts == null) {
            return;
        }
        objects.entry(conflicts);
        for (Conflict conflict : ConflictList.of(table, root).values()) {
            conflict.bases().forEach(objects::version);
            conflict.sides().forEach(objects::version);
        }
    }

    /** The same of what one entry has below it. */
    public static void visit(ObjectTable table, TreeEntry entry, Predicate<ObjectId> into) {
        new RootObjects(table, into).entry(entry);
    }

    private void version(Conflict.Version version) {
        TreeEntry entry = version.entry();
        if (entry != null) {
            entry(entry);
        }
    }

    private void entry(TreeEntry entry) {
        if (entry.type() == EntryType.DIRECTORY) {
            List<TreeEntry> below = new ArrayList<>();
            Trees.walk(table, entry.content(), into, (name, child) -> {
                if (child.content() != null) {
                    below.add(child);
                }
                return true;
            });
            below.forEach(this::entry);
        } else if (entry.content() != null) {
            new StoredContent(table, entry.content(), entry.size()).objects(object -> into.test(object.id()));
        }
    }
}

package dev.dogear.store.tree;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Directories as prolly trees: look up, list, edit. A null tree is the empty directory. */
public final class Trees {
    private Trees() {}

    /** The entry of {@code name}, or null. */
    public static @Nullable TreeEntry find(ObjectTable table, @Nullable ContentRef tree, Name name) {
        return tree == null ? null : Prolly.find(table, NameLayout.INSTANCE, tree.id(), name);
    }

    /** The entry at {@code path} below {@code root}, as stored (perhaps LINKED), or null. */
    public static @Nullable TreeEntry find(ObjectTable table, Root root, TreePath path) {
        @Nullable TreeEntry entry = root.directory();
        for (Name name : path.names()) {
            if (entry == null || entry.type() != EntryType.DIRECTORY) {
                return null;
            }
            entry = find(table, entry.content(), name);
        }
        return entry;
    }

    /** The entry itself, or what the root's {@link LinkTable} has of it if it is LINKED. */
    public static TreeEntry resolve(ObjectTable table, Root root, TreeEntry entry) {
        if (entry.type() != EntryType.LINKED) {
            return entry;
        }
        return LinkTable.require(table, root.links(), entry.fileId()).entry();
    }

    /** Number of entries; reads one object. */
    public static long count(ObjectTable table, @Nullable ContentRef tree) {
        return tree == null
                ? 0
                : Prolly.read(table, NameLayout.INSTANCE, tree.id()).count();
    }

    /** Shows the entries whose cookie is at least {@code fromCookie}, in order, until the visitor says false. */
    public static void list(ObjectTable table, @Nullable ContentRef tree, long fromCookie, Visitor visitor) {
        if (tree != null) {
            Prolly.list(table, NameLayout.INSTANCE, tree.id(), key -> key.cookie() < fromCookie, visitor::entry);
        }
    }

    /**
     * Shows the entries of every node that {@code into} lets in, in order: for checks and collectors, which skip nodes
     * they saw.
     */
    public static void walk(ObjectTable table, @Nullable ContentRef tree, Predicate<ObjectId> into, Visitor visitor) {
        if (tree != null) {
            Prolly.walk(table, NameLayout.INSTANCE, tree.id(), into, visitor::entry);
        }
    }

    /**
     * The tree with some entries set (present) or removed (empty): equal to one built from scratch of the same entries.
     * Reads and writes only the nodes on the way to them.
     *
     * @param edits in the natural order of names
     * @return null if no entry is left
     */
    public static @Nullable ContentRef edit(
            ObjectTable table, @Nullable ContentRef tree, SortedMap<Name, Optional<TreeEntry>> edits) {
        Prolly.@Nullable Child root =
                new ProllyEdit<>(table, NameLayout.INSTANCE, tree == null ? null : tree.id()).apply(edits);
        return root == null ? null : new ContentRef(ObjectKind.TREE, root.id());
    }

    /** {@code directory} with some entries set (present) or removed (empty), its size the number of entries. */
    public static TreeEntry editDirectory(
            ObjectTable table, TreeEntry directory, SortedMap<Name, Optional<TreeEntry>> edits) {
        @Nullable ContentRef tree = edit(table, directory.content(), edits);
        return directory.withContent(count(table, tree), tree);
    }

    /** Receives entries of a listing. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean entry(Name name, TreeEntry entry);
    }
}

package dev.dogear.store.tree;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Directories as prolly trees: look up, list, edit. A null tree is the empty directory. */
public final class Trees {
    private Trees() {}

    /** The entry of {@code name}, or null. */
    public static @Nullable TreeEntry find(ObjectTable table, @Nullable ContentRef tree, Name name) {
        return tree == null ? null : Prolly.find(table, Layout.INSTANCE, tree.id(), name);
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
        return tree == null ? 0 : Prolly.read(table, Layout.INSTANCE, tree.id()).count();
    }

    /** Number of names in a directory and all below it; reads them all. */
    public static long names(ObjectTable table, @Nullable ContentRef tree) {
        long[] names = {count(table, tree)};
        list(table, tree, 0, (name, entry) -> {
            if (entry.type() == EntryType.DIRECTORY) {
                names[0] += names(table, entry.content());
            }
            return true;
        });
        return names[0];
    }

    /** How many more names there are in {@code after}; reads where they differ. */
    public static long moreNames(ObjectTable table, Root before, Root after) {
        long more = 0;
        for (PathChange change : TreeDiff.between(table, before, after)) {
            more += change.before() == null ? 1 : change.after() == null ? -1 : 0;
        }
        return more;
    }

    /** Shows the entries whose cookie is at least {@code fromCookie}, in order, until the visitor says false. */
    public static void list(ObjectTable table, @Nullable ContentRef tree, long fromCookie, Visitor visitor) {
        if (tree != null) {
            Prolly.list(table, Layout.INSTANCE, tree.id(), key -> key.cookie() < fromCookie, visitor::entry);
        }
    }

    /**
     * Shows the entries of every node that {@code into} lets in, in order: for checks and collectors, which skip nodes
     * they saw.
     */
    public static void walk(ObjectTable table, @Nullable ContentRef tree, Predicate<ObjectId> into, Visitor visitor) {
        if (tree != null) {
            Prolly.walk(table, Layout.INSTANCE, tree.id(), into, visitor::entry);
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
                new ProllyEdit<>(table, Layout.INSTANCE, tree == null ? null : tree.id()).apply(edits);
        return root == null ? null : new ContentRef(ObjectKind.TREE, root.id());
    }

    /** {@code directory} with some entries set (present) or removed (empty), its size the number of entries. */
    public static TreeEntry editDirectory(
            ObjectTable table, TreeEntry directory, SortedMap<Name, Optional<TreeEntry>> edits) {
        return withTree(table, directory, edit(table, directory.content(), edits));
    }

    /** The directory with that tree. */
    public static TreeEntry withTree(ObjectTable table, TreeEntry directory, @Nullable ContentRef tree) {
        return Objects.equals(tree, directory.content()) ? directory : directory.withContent(count(table, tree), tree);
    }

    /** Receives entries of a listing. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean entry(Name name, TreeEntry entry);
    }

    /** Directories: names to entries. Inner nodes repeat the name's hash, which is what they are searched by. */
    static final class Layout implements ProllyLayout<Name, TreeEntry> {
        static final Layout INSTANCE = new Layout();

        private static final int VERSION = 0x10;

        private Layout() {}

        @Override
        public int version() {
            return VERSION;
        }

        @Override
        public int compare(Name left, Name right) {
            return left.compareTo(right);
        }

        @Override
        public long boundaryBits(Name key) {
            return ProllyLayout.mix(key.hash());
        }

        @Override
        public void writeKey(Output out, Name key, boolean inner) {
            if (inner) {
                out.i64(key.hash());
            }
            out.counted(key.bytes());
        }

        @Override
        public Name readKey(ByteBuffer in, boolean inner) {
            if (inner) {
                long hash = in.getLong();
                return Name.stored(Varint.readBytes(in), hash);
            }
            return Name.keeping(Varint.readBytes(in));
        }

        @Override
        public void writeValue(Output out, TreeEntry value) {
            EntryCodec.write(out, value);
        }

        @Override
        public TreeEntry readValue(ByteBuffer in) {
            return EntryCodec.read(in);
        }
    }
}

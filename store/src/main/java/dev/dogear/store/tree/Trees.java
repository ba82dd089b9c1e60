package dev.dogear.store.tree;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectTable;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Directories as prolly trees: look up, list, edit. A null tree is the empty directory. */
public final class Trees {
    private Trees() {}

    /** The entry of {@code name}, or null. */
    public static @Nullable TreeEntry find(ObjectTable table, @Nullable ContentRef tree, Name name) {
        throw new UnsupportedOperationException();
    }

    /** Shows the entries whose cookie is at least {@code fromCookie}, in order, until the visitor says false. */
    public static void list(ObjectTable table, @Nullable ContentRef tree, long fromCookie, Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    /**
     * The tree with some entries set (present) or removed (empty): equal to one built from scratch of the same entries.
     *
     * @return null if no entry is left
     */
    public static @Nullable ContentRef edit(
            ObjectTable table, @Nullable ContentRef tree, SortedMap<Name, Optional<TreeEntry>> edits) {
        throw new UnsupportedOperationException();
    }

    /** Receives entries of a listing. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean entry(Name name, TreeEntry entry);
    }
}

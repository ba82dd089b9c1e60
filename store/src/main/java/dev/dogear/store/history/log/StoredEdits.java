package dev.dogear.store.history.log;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import java.util.List;
import java.util.function.BiFunction;

/**
 * How many edits of a bookmark are stored beyond its change. Two trees are compared once, however often somebody asks: a
 * list of bookmarks asks for each of them.
 */
public final class StoredEdits {
    private static final int REMEMBERED = 4096;

    /** What was compared with what, and in how many paths they differ. */
    private record Compared(ObjectId commit, Root root, int paths) {}

    private final BiFunction<BookmarkState, Root, List<PathChange>> edits;
    private final Cache<Integer, Compared> compared =
            CacheBuilder.newBuilder().maximumSize(REMEMBERED).build();

    /** @param edits how a bookmark's change differs from a root */
    public StoredEdits(BiFunction<BookmarkState, Root, List<PathChange>> edits) {
        this.edits = edits;
    }

    /**
     * How many paths differ.
     *
     * @param stored the versioned part of what is stored of the bookmark's directory
     */
    public int count(BookmarkState state, Root stored) {
        Compared known = compared.getIfPresent(state.number());
        if (known == null || !known.commit.equals(state.commit()) || !known.root.equals(stored)) {
            known = new Compared(
                    state.commit(), stored, edits.apply(state, stored).size());
            compared.put(state.number(), known);
        }
        return known.paths;
    }
}

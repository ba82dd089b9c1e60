package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Kind;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The conflicts found so far. Their paths are known only when the result's shape is. */
final class Conflicts {
    private final Items items;
    private final Map<Item, Found> found = new LinkedHashMap<>();
    private final Map<Item, Item> gaveWay = new HashMap<>();

    Conflicts(Items items) {
        this.items = items;
    }

    /** Why an item is conflicted, and its terms if they are not simply its states in base, ours and theirs. */
    private static final class Found {
        final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Item ours;
        Item theirs;

        @Nullable
        Item base;

        @Nullable
        Terms terms;

        int markerLength;

        Found(Item item) {
            this.ours = item;
            this.theirs = item;
            this.base = item;
        }
    }

    private Found of(Item item) {
        return found.computeIfAbsent(item, Found::new);
    }

    void add(Item item, Kind kind) {
        of(item).kinds.add(kind);
    }

    /** What merging an item's states left open. */
    void add(Item item, EntryMerge.Merged merged) {
        if (!merged.conflicts().isEmpty()) {
            Found conflict = of(item);
            conflict.kinds.addAll(merged.conflicts());
            conflict.markerLength = Math.max(conflict.markerLength, merged.markerLength());
        }
    }

    /** Two items that want the same place. */
    void add(Item item, Kind kind, Item ours, Item theirs) {
        Found conflict = of(item);
        conflict.kinds.add(kind);
        conflict.ours = ours;
        conflict.theirs = theirs;
        conflict.base = null;
    }

    void mark(Item item, int markerLength) {
        of(item).markerLength = markerLength;
    }

    /** The copy of an item that both sides renamed is as conflicted as the item in all but its place. */
    void copied(Item item, Item copy) {
        Found original = found.get(item);
        if (original == null || original.markerLength == 0) {
            return;
        }
        Found conflict = of(copy);
        conflict.kinds.addAll(original.kinds);
        conflict.kinds.remove(Kind.RENAME_RENAME);
        conflict.ours = item;
        conflict.theirs = item;
        conflict.base = item;
        conflict.markerLength = original.markerLength;
    }

    /** A conflict made of several, or one that was there before. */
    void add(Item item, Set<Kind> kinds, Terms terms, int markerLength) {
        Found conflict = of(item);
        conflict.kinds.addAll(kinds);
        conflict.terms = terms;
        conflict.markerLength = markerLength;
    }

    /** The item is not in the result, since another one has its place and stands for it. */
    void gaveWay(Item item, Item there) {
        gaveWay.put(item, there);
    }

    /** All of the result, by path: those found, and those of ours that nobody touched. */
    SortedMap<TreePath, Conflict> all(Set<Item> touched) {
        SortedMap<TreePath, Conflict> conflicts = new TreeMap<>();
        items.conflictsOfOurs().forEach((path, conflict) -> {
            Item item = items.at(items.ours(), path);
            @Nullable TreePath shown = items.resultPath(item);
            if (!touched.contains(item) && shown != null) {
                conflicts.put(shown, conflict.at(shown));
            }
        });
        found.forEach((item, conflict) -> put(conflicts, conflict(item, conflict)));
        return conflicts;
    }

    private static void put(SortedMap<TreePath, Conflict> conflicts, Conflict conflict) {
        conflicts.merge(
                conflict.path(),
                conflict,
                (first, second) -> new Conflict(
                        first.path(),
                        ImmutableSortedSet.<Kind>naturalOrder()
                                .addAll(first.kinds())
                                .addAll(second.kinds())
                                .build(),
                        first.bases(),
                        first.sides(),
                        Math.max(first.markerLength(), second.markerLength())));
    }

    /** Those that ours did not have. */
    ImmutableList<Conflict> fresh(SortedMap<TreePath, Conflict> all) {
        Map<TreePath, Conflict> before = items.conflictsOfOurs();
        return all.values().stream()
                .filter(conflict -> before.values().stream().noneMatch(conflict::sameTerms))
                .collect(ImmutableList.toImmutableList());
    }

    private Conflict conflict(Item item, Found conflict) {
        Version ours = version(items.inOurs(conflict.ours), conflict.ours);
        Version theirs = version(items.inTheirs(conflict.theirs), conflict.theirs);
        Item.@Nullable Spot began = conflict.base == null ? null : items.inBase(conflict.base);
        Version base = began == null ? new Version(ours.path(), null) : new Version(began.path(), began.entry());
        if (items.inOurs(conflict.ours) == null) {
            ours = new Version(base.entry() == null ? theirs.path() : base.path(), null);
        }
        if (items.inTheirs(conflict.theirs) == null) {
            theirs = new Version(base.entry() == null ? ours.path() : base.path(), null);
        }
        Item shown = item;
        while (items.resultPath(shown) == null && gaveWay.containsKey(shown)) {
            shown = gaveWay.get(shown);
        }
        @Nullable TreePath path = items.resultPath(shown);
        Terms terms = conflict.terms != null ? conflict.terms : Terms.of(base, ours, theirs);
        return new Conflict(
                path != null ? path : anyPath(ours, theirs, base),
                ImmutableSortedSet.copyOf(conflict.kinds),
                ImmutableList.copyOf(terms.bases()),
                ImmutableList.copyOf(terms.sides()),
                conflict.markerLength);
    }

    private static Version version(Item.@Nullable Spot spot, Item item) {
        TreePath none = item.basePath() == null ? TreePath.ROOT : item.basePath();
        return spot == null ? new Version(none, null) : new Version(spot.path(), spot.entry());
    }

    private static TreePath anyPath(Version... versions) {
        for (Version version : versions) {
            if (version.entry() != null) {
                return version.path();
            }
        }
        return TreePath.ROOT;
    }
}

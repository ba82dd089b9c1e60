package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Kind;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The conflicts found so far. Their paths are known only when the result's shape is. */
final class Conflicts {
    private final Items items;
    private final Map<Item, Found> found = new LinkedHashMap<>();
    private final List<Met> met = new ArrayList<>();
    private final Map<Item, Item> gaveWay = new HashMap<>();

    /** That an item met another one at its place. */
    private record Met(Item item, Found found) {}

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

        /** What was merged at the place, where that is not what a side has there. */
        @Nullable
        TreeEntry oursMerged;

        @Nullable
        TreeEntry theirsMerged;

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
        Found conflict = new Found(item);
        met.add(new Met(item, conflict));
        conflict.kinds.add(kind);
        conflict.ours = ours;
        conflict.theirs = theirs;
        conflict.base = null;
        conflict.oursMerged = merged(ours);
        conflict.theirsMerged = merged(theirs);
    }

    /** What both sides made of an item that is in another one's way; null if that has markers itself, or is a directory. */
    private @Nullable TreeEntry merged(Item item) {
        Item.@Nullable Spot result = items.inResult(item);
        @Nullable Found conflict = found.get(item);
        boolean marked = conflict != null && conflict.markerLength > 0;
        return result == null || marked || item.isDirectory() ? null : result.entry();
    }

    /** The text of the two items that were added last has markers. */
    void mark(int markerLength) {
        met.get(met.size() - 1).found.markerLength = markerLength;
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
        // First who is at a place, then why each of them is as it is.
        met.forEach(each -> put(conflicts, conflict(each.item, each.found)));
        found.forEach((item, conflict) -> put(conflicts, conflict(item, conflict)));
        return conflicts;
    }

    private static void put(SortedMap<TreePath, Conflict> conflicts, Conflict conflict) {
        conflicts.merge(conflict.path(), conflict, Conflicts::both);
    }

    /** Two conflicts at one place: all states of both, since each may be the answer. */
    private static Conflict both(Conflict first, Conflict second) {
        List<Version> sides = distinct(first.sides(), second.sides());
        List<Version> bases = distinct(first.bases(), second.bases());
        while (bases.size() >= sides.size()) {
            bases.remove(bases.size() - 1);
        }
        while (bases.size() < sides.size() - 1) {
            bases.add(new Version(first.path(), null));
        }
        return new Conflict(
                first.path(),
                ImmutableSortedSet.<Kind>naturalOrder()
                        .addAll(first.kinds())
                        .addAll(second.kinds())
                        .build(),
                ImmutableList.copyOf(bases),
                ImmutableList.copyOf(sides),
                Math.max(first.markerLength(), second.markerLength()));
    }

    private static List<Version> distinct(List<Version> first, List<Version> second) {
        List<Version> all = new ArrayList<>(first);
        for (Version each : second) {
            if (all.stream().noneMatch(known -> known.path().equals(each.path()) && known.sameState(each))) {
                all.add(each);
            }
        }
        return all;
    }

    /** Those that ours did not have. */
    ImmutableList<Conflict> fresh(SortedMap<TreePath, Conflict> all) {
        Map<TreePath, Conflict> before = items.conflictsOfOurs();
        return all.values().stream()
                .filter(conflict -> before.values().stream().noneMatch(conflict::sameTerms))
                .collect(ImmutableList.toImmutableList());
    }

    private Conflict conflict(Item item, Found conflict) {
        Version ours = version(items.inOurs(conflict.ours), conflict.ours, conflict.oursMerged);
        Version theirs = version(items.inTheirs(conflict.theirs), conflict.theirs, conflict.theirsMerged);
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

    private static Version version(Item.@Nullable Spot spot, Item item, @Nullable TreeEntry merged) {
        TreePath none = item.basePath() == null ? TreePath.ROOT : item.basePath();
        return spot == null
                ? new Version(none, null)
                : new Version(spot.path(), merged == null ? spot.entry() : merged);
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

package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides for each touched item by itself whether it stays, where, and as what. */
final class Decisions {
    private final Items items;
    private final Conflicts conflicts;
    private final EntryMerge entries;
    private final boolean ofBases;
    /** Directories one side renamed and the other deleted: what is in them is kept. */
    private final Set<Item> kept = new HashSet<>();

    private final Set<Item> copies = new LinkedHashSet<>();

    Decisions(ObjectTable table, Items items, MergeOptions options, Conflicts conflicts) {
        this.items = items;
        this.conflicts = conflicts;
        this.entries = new EntryMerge(table, options);
        this.ofBases = options.ofBases();
    }

    /** @return all touched items, decided, with those made here */
    Set<Item> decide(Set<Item> byOurs, Set<Item> byTheirs) {
        Set<Item> touched = new LinkedHashSet<>(byOurs);
        touched.addAll(byTheirs);
        touched.forEach(this::decide);
        touched.forEach(this::keepWithItsDirectory);
        touched.addAll(copies);
        Set<Item> revived = new LinkedHashSet<>();
        touched.forEach(item -> reviveAbove(item, revived));
        touched.addAll(revived);
        breakCycles(touched);
        touched.forEach(item -> reviveAbove(item, revived));
        touched.addAll(revived);
        return touched;
    }

    private void decide(Item item) {
        Item.@Nullable Spot base = items.inBase(item);
        Item.@Nullable Spot ours = items.inOurs(item);
        Item.@Nullable Spot theirs = items.inTheirs(item);
        @Nullable Conflict before = conflict(items.conflictsOfBase(), base);
        @Nullable Conflict left = conflict(items.conflictsOfOurs(), ours);
        @Nullable Conflict right = conflict(items.conflictsOfTheirs(), theirs);
        if (before == null && left == null && right == null) {
            decide(item, base, ours, theirs);
        } else {
            decideConflicted(item, new Open(base, before), new Open(ours, left), new Open(theirs, right));
        }
    }

    private static @Nullable Conflict conflict(Map<TreePath, Conflict> conflicts, Item.@Nullable Spot spot) {
        return spot == null ? null : conflicts.get(spot.path());
    }

    /** An item's state in one root and its conflict there, if it has one. */
    private record Open(Item.@Nullable Spot spot, @Nullable Conflict conflict) {
        boolean sameAs(Open other) {
            boolean sameConflict = (conflict == null || other.conflict == null)
                    ? (conflict == null && other.conflict == null)
                    : conflict.sameTerms(other.conflict);
            return sameConflict && same(spot, other.spot);
        }

        Terms terms(Item item) {
            if (conflict != null) {
                return Terms.of(conflict);
            }
            TreePath none = item.basePath() == null ? TreePath.ROOT : item.basePath();
            return Terms.of(spot == null ? new Version(none, null) : new Version(spot.path(), spot.entry()));
        }
    }

    private void decideConflicted(Item item, Open base, Open ours, Open theirs) {
        if (base.sameAs(theirs) || ours.sameAs(theirs)) {
            item.decide(ours.spot);
            carry(item, ours.conflict);
        } else if (base.sameAs(ours)) {
            Item.@Nullable Spot spot = theirs.spot;
            item.decide(spot == null || ours.spot == null ? spot : taken(ours.spot, spot));
            carry(item, theirs.conflict);
        } else if (isOfPlaces(ours) || isOfPlaces(theirs)) {
            decide(item, base.spot, ours.spot, theirs.spot);
            carry(item, ours.conflict != null ? ours.conflict : theirs.conflict);
        } else if (ours.conflict == null && theirs.conflict == null) {
            Item.@Nullable Spot began = base.spot;
            decide(
                    item,
                    began == null || base.conflict == null
                            ? began
                            : began.withEntry(entries.asBase(base.conflict, began.entry())),
                    ours.spot,
                    theirs.spot);
        } else {
            decideTerms(item, base, ours, theirs);
        }
    }

    private static boolean isOfPlaces(Open open) {
        return open.conflict != null && open.conflict.isOfPlaces();
    }

    private void carry(Item item, @Nullable Conflict conflict) {
        if (conflict != null) {
            conflicts.add(item, conflict.kinds(), Terms.of(conflict), conflict.markerLength());
        }
    }

    /** A conflict merged again: what cancels goes, and what is left is one conflict, not one within another. */
    private void decideTerms(Item item, Open base, Open ours, Open theirs) {
        Terms terms = Terms.merge(base.terms(item), ours.terms(item), theirs.terms(item));
        Item.Spot place = place(base.spot, ours.spot, theirs.spot);
        Set<Conflict.Kind> kinds = EnumSet.noneOf(Conflict.Kind.class);
        for (Open each : List.of(ours, theirs)) {
            kinds.addAll(each.conflict == null ? Set.of() : each.conflict.kinds());
        }
        EntryMerge.@Nullable Merged merged = merged(terms, kinds);
        if (merged == null) {
            item.decide(null);
            return;
        }
        item.decide(place.withEntry(merged.entry().withFileId(place.entry().fileId())));
        if (!merged.conflicts().isEmpty()) {
            conflicts.add(item, merged.conflicts(), terms, merged.markerLength());
        }
    }

    private EntryMerge.@Nullable Merged merged(Terms terms, Set<Conflict.Kind> kinds) {
        @Nullable TreeEntry first = terms.sides().get(0).entry();
        if (terms.isOneState()) {
            return first == null ? null : EntryMerge.Merged.of(first, Set.of());
        }
        @Nullable TreeEntry base = terms.bases().get(0).entry();
        @Nullable TreeEntry second = terms.sides().get(1).entry();
        if (!terms.isOfTwoSides() || (first == null && second == null)) {
            return entries.several(terms, kinds);
        }
        if (first != null && second != null) {
            return base == null ? entries.mergeAdded(first, second) : entries.merge(base, first, second);
        }
        TreeEntry survivor = Objects.requireNonNull(first != null ? first : second);
        boolean untouched = base != null && sameState(base, survivor);
        return untouched ? null : EntryMerge.Merged.of(survivor, EnumSet.of(Conflict.Kind.MODIFY_DELETE));
    }

    /** Where the item goes: where one side moved it to, else where it is. */
    private static Item.Spot place(Item.@Nullable Spot base, Item.@Nullable Spot ours, Item.@Nullable Spot theirs) {
        if (ours == null || theirs == null) {
            return Objects.requireNonNull(ours != null ? ours : theirs);
        }
        return base != null && base.samePlace(ours) ? theirs.withEntry(ours.entry()) : ours;
    }

    private void decide(Item item, Item.@Nullable Spot base, Item.@Nullable Spot ours, Item.@Nullable Spot theirs) {
        if (same(base, theirs)) {
            item.decide(ours);
        } else if (same(base, ours)) {
            item.decide(theirs == null || ours == null ? theirs : taken(ours, theirs));
        } else if (ours != null && theirs != null) {
            item.decide(both(item, base, ours, theirs));
        } else if (base != null && (ours != null || theirs != null)) {
            item.decide(survivor(item, base, ours != null ? ours : Objects.requireNonNull(theirs)));
        } else {
            item.decide(null);
        }
    }

    private static boolean same(Item.@Nullable Spot left, Item.@Nullable Spot right) {
        if (left == null || right == null) {
            return left == null && right == null;
        }
        return left.samePlace(right) && sameState(left.entry(), right.entry());
    }

    /** Directories are compared without their content, whose items are decided by themselves. */
    static boolean sameState(TreeEntry left, TreeEntry right) {
        return (Side.isDirectory(left) && Side.isDirectory(right))
                ? left.attributes().sameButTimes(right.attributes())
                : left.sameState(right);
    }

    /** Our file, with all that theirs made of it. */
    private static Item.Spot taken(Item.Spot ours, Item.Spot theirs) {
        return theirs.withEntry(theirs.entry().withFileId(ours.entry().fileId()));
    }

    private Item.Spot both(Item item, Item.@Nullable Spot base, Item.Spot ours, Item.Spot theirs) {
        EntryMerge.Merged merged = base == null
                ? entries.mergeAdded(ours.entry(), theirs.entry())
                : entries.merge(base.entry(), ours.entry(), theirs.entry());
        if (ours.entry().type() != theirs.entry().type() && !ours.samePlace(theirs)) {
            // Renamed here, replaced by something of another type there: hardly meant for the new place.
            merged = EntryMerge.Merged.of(ours.entry(), EnumSet.of(Conflict.Kind.TYPE));
        }
        conflicts.add(item, merged);
        if (base == null || base.samePlace(theirs) || ours.samePlace(theirs)) {
            return ours.withEntry(merged.entry());
        }
        if (base.samePlace(ours)) {
            return theirs.withEntry(merged.entry());
        }
        conflicts.add(item, Conflict.Kind.RENAME_RENAME);
        if (!item.isDirectory()) {
            Item copy = new Item(null, false);
            copy.decide(theirs.withEntry(merged.entry()));
            conflicts.copied(item, copy);
            copies.add(copy);
        }
        return ours.withEntry(merged.entry());
    }

    /** One side deleted what the other changed. A directory is only its place: its content is decided by itself. */
    private Item.@Nullable Spot survivor(Item item, Item.Spot base, Item.Spot survivor) {
        boolean renamed = !base.samePlace(survivor);
        if (!item.isDirectory()) {
            if (isThereToo(item, survivor)) {
                return survivor;
            }
            conflicts.add(item, renamed ? Conflict.Kind.RENAME_DELETE : Conflict.Kind.MODIFY_DELETE);
            // As the base of another merge it is what it was, so that both what one kept and that it went are edits.
            return ofBases ? survivor.withEntry(base.entry()) : survivor;
        }
        if (!renamed || base.entry().size() == 0) {
            return null;
        }
        conflicts.add(item, Conflict.Kind.RENAME_DELETE);
        kept.add(item);
        return survivor;
    }

    /** Whether the side that deleted the file made an equal one where the other renamed it to. */
    private boolean isThereToo(Item item, Item.Spot survivor) {
        Item.@Nullable Spot copy = items.addedAt(items.inOurs(item) == null, survivor);
        return copy != null && copy.entry().sameState(survivor.entry());
    }

    private void keepWithItsDirectory(Item item) {
        if (kept.isEmpty() || item.result() != null) {
            return;
        }
        Item.@Nullable Spot ours = items.inOurs(item);
        Item.@Nullable Spot theirs = items.inTheirs(item);
        if (ours != null && isBelowKept(items::inOurs, ours)) {
            item.decide(ours);
        } else if (theirs != null && isBelowKept(items::inTheirs, theirs)) {
            item.decide(theirs);
        }
    }

    private boolean isBelowKept(Function<Item, Item.@Nullable Spot> side, Item.Spot spot) {
        Item.@Nullable Spot at = spot;
        while (at != null && at.parent() != null) {
            if (kept.contains(at.parent())) {
                return true;
            }
            at = side.apply(at.parent());
        }
        return false;
    }

    /** A directory that was deleted on one side stays if the other put something into it. */
    private void reviveAbove(Item item, Set<Item> revived) {
        Item.@Nullable Spot spot = items.inResult(item);
        while (spot != null && spot.parent() != null) {
            Item above = spot.parent();
            if (items.inResult(above) != null) {
                return;
            }
            Item.@Nullable Spot ours = items.inOurs(above);
            above.decide(ours != null ? ours : items.inTheirs(above));
            revived.add(above);
            spot = above.result();
        }
    }

    /** Two directories moved into each other: ours stay where they are. */
    private void breakCycles(Set<Item> touched) {
        for (Item item : touched) {
            Set<Item> seen = new LinkedHashSet<>();
            @Nullable Item at = item;
            while (at != null && seen.add(at)) {
                Item.@Nullable Spot spot = items.inResult(at);
                at = spot == null ? null : spot.parent();
            }
            if (at != null) {
                seen.forEach(this::backToOurs);
            }
        }
    }

    private void backToOurs(Item item) {
        Item.@Nullable Spot ours = items.inOurs(item);
        Item.@Nullable Spot result = items.inResult(item);
        if (ours != null && result != null && !ours.samePlace(result)) {
            conflicts.add(item, Conflict.Kind.RENAME_RENAME);
            item.decide(ours.withEntry(result.entry()));
        }
    }
}

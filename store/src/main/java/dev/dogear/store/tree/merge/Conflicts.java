package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.tree.TreePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The conflicts found so far. Their paths are known only when the result's shape is. */
final class Conflicts {
    private final Items items;
    private final List<Found> found = new ArrayList<>();

    Conflicts(Items items) {
        this.items = items;
    }

    private record Found(Item item, Conflict.Kind kind, Item ours, Item theirs) {}

    void add(Item item, Conflict.Kind kind) {
        found.add(new Found(item, kind, item, item));
    }

    /** Two items that want the same place. */
    void add(Item item, Conflict.Kind kind, Item ours, Item theirs) {
        found.add(new Found(item, kind, ours, theirs));
    }

    ImmutableList<Conflict> list() {
        List<Conflict> conflicts = new ArrayList<>();
        for (Found each : found) {
            Conflict.@Nullable Version base = each.ours == each.theirs ? version(items.inBase(each.item)) : null;
            Conflict.@Nullable Version ours = version(items.inOurs(each.ours));
            Conflict.@Nullable Version theirs = version(items.inTheirs(each.theirs));
            @Nullable TreePath shown = items.resultPath(each.item);
            conflicts.add(
                    new Conflict(shown != null ? shown : anyPath(ours, theirs, base), each.kind, base, ours, theirs));
        }
        conflicts.sort(Comparator.comparing(Conflict::path).thenComparing(Conflict::kind));
        return ImmutableList.copyOf(conflicts);
    }

    private static Conflict.@Nullable Version version(Item.@Nullable Spot spot) {
        return spot == null ? null : new Conflict.Version(spot.path(), spot.entry());
    }

    private static TreePath anyPath(Conflict.@Nullable Version... versions) {
        for (Conflict.@Nullable Version version : versions) {
            if (version != null) {
                return version.path();
            }
        }
        return TreePath.ROOT;
    }
}

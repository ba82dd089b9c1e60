package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sees to it that every place in the result has one item: directories become one, files give way or conflict. */
final class Placement {
    private final ObjectTable table;
    private final Items items;
    private final MergeOptions options;
    private final Conflicts conflicts;
    private final EntryMerge entries;
    private final Map<Place, Item> taken = new HashMap<>();
    private final Set<Item> joined = new HashSet<>();

    Placement(ObjectTable table, Items items, MergeOptions options, Conflicts conflicts) {
        this.table = table;
        this.items = items;
        this.options = options;
        this.conflicts = conflicts;
        this.entries = new EntryMerge(table, options);
    }

    private record Place(Item parent, Name name) {}

    /** An item on its way to its place: from the root down, directories before files, ours before theirs. */
    private record Arriving(Item item, int depth, boolean ours) {}

    /** Places the items; adds to them what else has to be placed because directories became one. */
    void place(Set<Item> touched) {
        PriorityQueue<Arriving> queue = new PriorityQueue<>(Comparator.comparingInt(Arriving::depth)
                .thenComparing(arriving -> !arriving.item.isDirectory())
                .thenComparing(arriving -> !arriving.ours)
                .thenComparing(arriving -> name(arriving.item)));
        touched.forEach(item -> enter(queue, item));
        for (Arriving next = queue.poll(); next != null; next = queue.poll()) {
            for (Item more : place(next)) {
                if (touched.add(more)) {
                    more.decide(items.inOurs(more));
                    enter(queue, more);
                }
            }
        }
    }

    private void enter(PriorityQueue<Arriving> queue, Item item) {
        Item.@Nullable Spot spot = items.inResult(item);
        if (spot != null && spot.parent() != null) {
            queue.add(new Arriving(item, items.depth(item), spot.samePlace(items.inOurs(item))));
        }
    }

    private Name name(Item item) {
        return Objects.requireNonNull(items.inResult(item)).name();
    }

    /** @return items of ours that have to be placed one by one now */
    private Set<Item> place(Arriving arriving) {
        Item item = arriving.item;
        Item.Spot spot = Objects.requireNonNull(items.inResult(item));
        Place place = new Place(Objects.requireNonNull(spot.parent()).canonical(), spot.name());
        @Nullable Item there = occupant(place, item);
        if (there == null) {
            taken.put(place, item);
        } else if (there.isDirectory() && item.isDirectory()) {
            return join(item, there);
        } else if (there.isDirectory()) {
            moveAside(arriving, place, there);
        } else {
            giveWay(item, there);
        }
        return Set.of();
    }

    private @Nullable Item occupant(Place place, Item arriving) {
        @Nullable Item there = taken.get(place);
        if (there == null && joined.contains(place.parent)) {
            there = occupantInOurs(place);
        }
        return there == arriving ? null : there;
    }

    /** What ours has there and nobody touched: something else arrives there where two directories became one, or aside. */
    private @Nullable Item occupantInOurs(Place place) {
        Item.@Nullable Spot directory = items.inOurs(place.parent);
        if (directory == null || Trees.find(table, directory.entry().content(), place.name) == null) {
            return null;
        }
        Item there = items.at(items.ours(), directory.path().child(place.name));
        return there.isDecided() ? null : there;
    }

    private Set<Item> join(Item item, Item there) {
        item.becomes(there);
        joined.add(there);
        Set<Item> children = new HashSet<>();
        Item.@Nullable Spot ours = items.inOurs(item);
        if (ours != null) {
            Trees.list(table, ours.entry().content(), 0, (name, entry) -> {
                children.add(items.at(items.ours(), ours.path().child(name)));
                return true;
            });
        }
        return children;
    }

    private void moveAside(Arriving arriving, Place place, Item directory) {
        Item file = arriving.item;
        Item ours = arriving.ours ? file : directory;
        conflicts.add(file, Conflict.Kind.FILE_DIRECTORY, ours, arriving.ours ? directory : file);
        String side = arriving.ours ? options.oursName() : options.theirsName();
        Place free = place;
        for (int i = 0; occupant(free, file) != null || occupantInOurs(free) != null; i++) {
            free = new Place(place.parent, aside(place.name, side + (i == 0 ? "" : "_" + (i - 1))));
        }
        file.decide(Objects.requireNonNull(items.inResult(file)).withName(free.name));
        taken.put(free, file);
    }

    /** {@code name~side}, as git calls it. */
    private static Name aside(Name name, String side) {
        byte[] suffix = ("~" + side.replace('/', '_')).getBytes(StandardCharsets.UTF_8);
        int kept = Math.min(name.length(), Math.max(1, Name.MAX_BYTES - suffix.length));
        byte[] bytes = Arrays.copyOf(name.toBytes(), Math.min(Name.MAX_BYTES, kept + suffix.length));
        System.arraycopy(suffix, 0, bytes, kept, bytes.length - kept);
        return Name.of(bytes);
    }

    private void giveWay(Item item, Item there) {
        Item.Spot mine = Objects.requireNonNull(items.inResult(item));
        Item.Spot others = Objects.requireNonNull(items.inResult(there));
        EntryMerge.Merged merged = entries.mergeAdded(others.entry(), mine.entry());
        if (!merged.conflicts().isEmpty()) {
            conflicts.add(there, Conflict.Kind.ADD_ADD, there, item);
            conflicts.mark(merged.markerLength());
            there.decide(others.withEntry(merged.entry()));
        }
        conflicts.gaveWay(item, there);
        item.decide(null);
    }
}

package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory that is the same one in base, ours, theirs and result. Compared by identity.
 */
final class Item {
    private final @Nullable TreePath basePath;
    private final boolean directory;
    private @Nullable Spot oursAdded;
    private @Nullable Spot theirsAdded;
    private @Nullable Spot result;
    private boolean resultKnown;
    private @Nullable Item sameAs;

    Item(@Nullable TreePath basePath, boolean directory) {
        this.basePath = basePath;
        this.directory = directory;
    }

    /**
     * Where an item is and what it is there.
     *
     * @param parent null for the root directory
     * @param path the same place in the side the spot is of; of no meaning in a result
     * @param entry resolved, never LINKED
     */
    record Spot(@Nullable Item parent, Name name, TreePath path, TreeEntry entry) {
        boolean samePlace(@Nullable Spot other) {
            return other != null && canonical(parent) == canonical(other.parent) && name.equals(other.name);
        }

        Spot withEntry(TreeEntry newEntry) {
            return new Spot(parent, name, path, newEntry);
        }

        Spot withName(Name newName) {
            return new Spot(parent, newName, path, entry);
        }

        private static @Nullable Item canonical(@Nullable Item item) {
            return item == null ? null : item.canonical();
        }
    }

    /** Where it was in the base; null if it was added since. */
    @Nullable
    TreePath basePath() {
        return basePath;
    }

    boolean isDirectory() {
        return directory;
    }

    boolean isRoot() {
        return basePath != null && basePath.isRoot();
    }

    /** Where a side added it; null if that side did not. */
    @Nullable
    Spot added(boolean ours) {
        return ours ? oursAdded : theirsAdded;
    }

    void setAdded(boolean ours, Spot spot) {
        if (ours) {
            oursAdded = spot;
        } else {
            theirsAdded = spot;
        }
    }

    /** Whether {@link #result()} was decided; what was not is as in ours. */
    boolean isDecided() {
        return resultKnown;
    }

    @Nullable
    Spot result() {
        return result;
    }

    void decide(@Nullable Spot spot) {
        result = spot;
        resultKnown = true;
    }

    /** The directory that stands for this one in the result, where two became one. */
    Item canonical() {
        Item item = this;
        while (item.sameAs != null) {
            item = item.sameAs;
        }
        return item;
    }

    void becomes(Item other) {
        if (other.canonical() != this) {
            sameAs = other.canonical();
        }
    }
}

package dev.dogear.mount.vfs;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.workspace.NodeAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory above bookmarks, in the order of cookies as any other. Bookmarks are shown by name only: no workspace is
 * loaded because somebody lists its neighbour.
 */
final class ListedLevel implements Listed {
    private final VirtualLevels levels;
    private final VirtualLevels.Level level;

    ListedLevel(VirtualLevels levels, VirtualLevels.Level level) {
        this.levels = levels;
        this.level = level;
    }

    @Override
    public NodeAttributes self() {
        return levels.attributes(level);
    }

    @Override
    public NodeAttributes above() {
        return levels.attributes(level.above() == null ? level : level.above());
    }

    @Override
    public List<Item> from(long cookie, int most) {
        Map<Name, VirtualLevels.Child> ordered = new TreeMap<>();
        levels.children(level).forEach((name, child) -> ordered.put(Name.of(name), child));
        List<Item> items = new ArrayList<>();
        for (Map.Entry<Name, VirtualLevels.Child> entry : ordered.entrySet()) {
            long at = entry.getKey().cookie();
            if (at >= cookie) {
                if (items.size() >= most && items.get(items.size() - 1).cookie() != at) {
                    break;
                }
                items.add(new Item(
                        entry.getKey().toBytes(), entry.getValue().inode(), EntryType.DIRECTORY.modeBits(), at));
            }
        }
        return items;
    }

    @Override
    public Entry look(Item item) {
        long node = NodeIds.isLevel(item.inode()) ? item.inode() : 0;
        return new Entry(node, levels.shown(item.inode()));
    }

    /** Levels are kept for life: nothing was counted. */
    @Override
    public void unlook(Entry entry) {}
}

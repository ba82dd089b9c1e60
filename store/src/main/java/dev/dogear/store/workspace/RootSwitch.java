package dev.dogear.store.workspace;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.workspace.FileContent.Stored;
import dev.dogear.store.workspace.Node.Place;
import dev.dogear.store.workspace.Viewer.Stale;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the nodes in memory show another root. First it finds, by comparing the live directories with the new ones
 * where they differ, which file ids left a name and which arrived at one; nothing is changed by that. Then every node
 * in memory whose id arrived somewhere is put there, and those that only left are without a name from then on. Gate
 * closed; used once.
 */
final class RootSwitch {
    private final Workspace workspace;
    private final Nodes nodes;
    private final ObjectTable table;
    private final Root target;

    private final Deque<Pair> pairs = new ArrayDeque<>();
    private final Map<Integer, Arrival> arrived = new LinkedHashMap<>();
    private final Map<Integer, Live> left = new LinkedHashMap<>();

    /** Directories that arrived or left and have no counterpart yet. */
    private final Map<Integer, Spot> arrivedDirectories = new LinkedHashMap<>();

    private final Map<Integer, Live> leftDirectories = new LinkedHashMap<>();
    private final Set<Stale> stale = new LinkedHashSet<>();

    RootSwitch(Workspace workspace, Nodes nodes, Root target) {
        this.workspace = workspace;
        this.nodes = nodes;
        this.table = workspace.objects();
        this.target = target;
    }

    /** A directory of the new tree. */
    private record Spot(
            TreeEntry entry, @Nullable Spot above, @Nullable Name name) {}

    /** A name of the new tree and what it means. */
    private record Arrival(Spot directory, Name name, TreeEntry entry) {}

    /** A file of the live tree: a node, or the entry of one not in memory. */
    private record Live(
            int fileId, @Nullable Node node, @Nullable TreeEntry entry) {
        boolean isDirectory() {
            return node instanceof DirectoryNode || (entry != null && entry.type() == EntryType.DIRECTORY);
        }

        @Nullable
        ContentRef tree() {
            return node instanceof DirectoryNode directory
                    ? directory.stored()
                    : Objects.requireNonNull(entry).content();
        }

        NavigableMap<Name, Optional<Node>> overlay() {
            return node instanceof DirectoryNode directory ? directory.overlay() : new TreeMap<>();
        }
    }

    /** The same directory before and after. */
    private record Pair(Live before, Spot after) {}

    List<Stale> run() {
        Spot root = new Spot(target.directory(), null, null);
        pairs.add(new Pair(live(nodes.root()), root));
        while (collect()) {
            // Until nothing is left to compare.
        }
        Set<Node> linked = linkedNodes();
        patchDirectories(root);
        Map<Node, TreeEntry> present = patchPlaces(linked);
        present.forEach(this::patchFile);
        nodes.linkEdits().clear();
        return new ArrayList<>(stale);
    }

    private static Live live(Node node) {
        return new Live(node.fileId(), node, null);
    }

    private Live live(TreeEntry entry) {
        return new Live(entry.fileId(), nodes.get(entry.fileId()), entry);
    }

    /** One step; false when there is none left. */
    private boolean collect() {
        Pair pair = pairs.poll();
        if (pair != null) {
            compare(pair);
            return true;
        }
        for (Spot spot : List.copyOf(arrivedDirectories.values())) {
            Live before = leftDirectories.remove(spot.entry().fileId());
            if (before != null) {
                arrivedDirectories.remove(spot.entry().fileId());
                pairs.add(new Pair(before, spot));
            }
        }
        if (!pairs.isEmpty()) {
            return true;
        }
        if (!arrivedDirectories.isEmpty()) {
            Spot spot = arrivedDirectories.values().iterator().next();
            arrivedDirectories.remove(spot.entry().fileId());
            // A node is there already if the directory was removed while somebody held it.
            Node held = nodes.get(spot.entry().fileId());
            Trees.list(table, spot.entry().content(), 0, (name, entry) -> {
                differ(held, name, null, new Arrival(spot, name, entry));
                return true;
            });
            return true;
        }
        if (!leftDirectories.isEmpty()) {
            Live before = leftDirectories.values().iterator().next();
            leftDirectories.remove(before.fileId());
            if (before.node() instanceof DirectoryNode directory) {
                leaveAll(directory);
            }
            return true;
        }
        return false;
    }

    private void leaveAll(DirectoryNode directory) {
        directory
                .overlay()
                .forEach((name, child) -> child.ifPresent(node -> differ(directory, name, live(node), null)));
        if (directory.loadedChildren().get() > 0) {
            Trees.list(table, directory.stored(), 0, (name, entry) -> {
                if (!directory.overlay().containsKey(name)) {
                    differ(directory, name, live(entry), null);
                }
                return true;
            });
        }
    }

    private void compare(Pair pair) {
        Spot spot = pair.after();
        ContentRef tree = spot.entry().content();
        NavigableMap<Name, Optional<Node>> overlay = pair.before().overlay();
        Node node = pair.before().node();
        overlay.forEach((name, child) -> {
            TreeEntry after = Trees.find(table, tree, name);
            differ(
                    node,
                    name,
                    child.map(RootSwitch::live).orElse(null),
                    after == null ? null : new Arrival(spot, name, after));
        });
        TreeDiff.entries(table, pair.before().tree(), tree, (name, before, after) -> {
            if (!overlay.containsKey(name)) {
                differ(
                        node,
                        name,
                        before == null ? null : live(before),
                        after == null ? null : new Arrival(spot, name, after));
            }
            return true;
        });
    }

    /** @param directory the node of the directory if there is one in memory */
    private void differ(@Nullable Node directory, Name name, @Nullable Live before, @Nullable Arrival after) {
        boolean same = before != null
                && after != null
                && before.fileId() == after.entry().fileId();
        if (after != null) {
            arrived.put(after.entry().fileId(), after);
            if (after.entry().type() == EntryType.DIRECTORY) {
                Spot spot = new Spot(after.entry(), after.directory(), name);
                if (same && before != null && before.isDirectory()) {
                    pairs.add(new Pair(before, spot));
                } else {
                    arrivedDirectories.put(after.entry().fileId(), spot);
                }
            }
        }
        if (before != null && !same) {
            left.put(before.fileId(), before);
            if (before.isDirectory()) {
                leftDirectories.put(before.fileId(), before);
            }
        }
        if (!same && (before != null || after != null) && directory instanceof DirectoryNode shown) {
            stale.add(new Stale.Entry(shown, name));
            stale.add(new Stale.Inode(shown, true, false));
        }
    }

    /** The nodes that have several names, or had: those whose names the link tables decide. */
    private Set<Node> linkedNodes() {
        Set<Node> linked = new LinkedHashSet<>(nodes.linkEdits().values());
        ObjectId links = workspace.base().links();
        if (!linked.isEmpty() || !Objects.equals(links, target.links())) {
            for (Node node : nodes.all()) {
                Arrival arrival = arrived.get(node.fileId());
                if (node.places().size() > 1
                        || (arrival != null && arrival.entry().type() == EntryType.LINKED)) {
                    linked.add(node);
                }
            }
        }
        return linked;
    }

    /** Every directory in memory that stays gets its new tree; only then can paths be walked in the new root. */
    private void patchDirectories(Spot root) {
        takeDirectory(nodes.root(), root.entry());
        arrived.values().forEach(arrival -> {
            if (nodes.get(arrival.entry().fileId()) instanceof DirectoryNode directory
                    && arrival.entry().type() == EntryType.DIRECTORY) {
                takeDirectory(directory, arrival.entry());
            }
        });
    }

    private void takeDirectory(DirectoryNode directory, TreeEntry entry) {
        if (!directory.attributes().equals(entry.attributes())) {
            stale.add(new Stale.Inode(directory, false, false));
        }
        directory.show(entry);
    }

    /** Puts nodes where they are in the new tree; returns what each is there, directories left out. */
    private Map<Node, TreeEntry> patchPlaces(Set<Node> linked) {
        Map<Node, TreeEntry> present = new LinkedHashMap<>();
        Set<Node> moved = new LinkedHashSet<>(linked);
        left.values().forEach(before -> {
            if (before.node() != null && !(before.node().places().size() > 1 && !linked.contains(before.node()))) {
                moved.add(before.node());
            }
        });
        Map<Node, Arrival> placed = new LinkedHashMap<>();
        arrived.forEach((fileId, arrival) -> {
            Node node = nodes.get(fileId);
            if (node != null && arrival.entry().type() != EntryType.LINKED) {
                moved.add(node);
                placed.put(node, arrival);
            }
        });
        Map<Node, Integer> links = new LinkedHashMap<>();
        linked.forEach(node -> links.put(node, node.places().size()));
        moved.forEach(Node::clearPlaces);
        placed.forEach((node, arrival) -> {
            node.addPlace(new Place(directory(arrival.directory()), arrival.name()));
            present.put(node, arrival.entry());
        });
        for (Node node : linked) {
            LinkedFile file = LinkTable.find(table, target.links(), node.fileId());
            if (file != null) {
                file.paths().forEach(path -> node.addPlace(new Place(directory(path.parent()), path.name())));
                present.put(node, file.entry());
            }
            if (node.places().size() != links.getOrDefault(node, 0)) {
                stale.add(new Stale.Inode(node, false, false));
            }
        }
        moved.stream().filter(node -> !nodes.isNamed(node)).forEach(this::end);
        return present;
    }

    /** It is in the new tree nowhere: whoever holds it keeps a file without a name, or an empty directory. */
    private void end(Node node) {
        node.setPreparedEpoch(0);
        if (node instanceof DirectoryNode directory) {
            directory.show(TreeEntry.directory(directory.fileId(), directory.attributes(), 0, null));
        }
        stale.add(new Stale.Inode(node, false, false));
        nodes.noteUnnamed(node);
        if (node.isHeld()) {
            node.note();
        }
        nodes.dropIfEnded(node);
    }

    /** The node of a directory of the new tree, loaded if need be. */
    private DirectoryNode directory(Spot spot) {
        if (nodes.get(spot.entry().fileId()) instanceof DirectoryNode known) {
            return known;
        }
        DirectoryNode loaded = (DirectoryNode) nodes.create(spot.entry());
        loaded.addPlace(
                new Place(directory(Objects.requireNonNull(spot.above())), Objects.requireNonNull(spot.name())));
        nodes.add(loaded);
        return loaded;
    }

    private DirectoryNode directory(TreePath path) {
        return (DirectoryNode) Objects.requireNonNull(nodes.find(path));
    }

    private void patchFile(Node node, TreeEntry entry) {
        if (node instanceof DirectoryNode) {
            return;
        }
        boolean attributes = !node.attributes().equals(entry.attributes());
        boolean content = false;
        boolean resized = false;
        if (node instanceof FileNode file) {
            Stored stored = new Stored(entry.content(), entry.size());
            resized = file.content().size() != entry.size();
            content = resized
                    || file.content().isEdited()
                    || !file.content().stored().equals(stored);
            if (content) {
                file.content().restore(stored, entry.size(), new TreeMap<>());
            }
            file.setUnnamed(false);
        }
        if (attributes) {
            node.take(entry.attributes());
        } else {
            node.settle();
        }
        if (attributes || content) {
            stale.add(new Stale.Inode(node, content, resized));
        }
    }
}

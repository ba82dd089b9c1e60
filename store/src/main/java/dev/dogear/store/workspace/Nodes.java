package dev.dogear.store.workspace;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.workspace.Node.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of one workspace that are in memory: found by file id or by name, loaded when first asked for, dropped when
 * nobody holds them and nothing of them is edited. Owns the names lock.
 *
 * <p>Invariants: the directories above a loaded node are loaded. A file with several names that is not loaded has all the
 * paths the stored link table gives it, so whatever changes one of these paths loads it first.
 */
final class Nodes {
    private static final int TYPE_UNKNOWN = 0;
    private static final int COUNTED_ENTRIES_MAX = 65_000;

    private final Workspace workspace;
    private final ConcurrentHashMap<Integer, Node> loaded = new ConcurrentHashMap<>();
    private final Queue<Node> candidates = new ConcurrentLinkedQueue<>();
    private final AtomicInteger candidateCount = new AtomicInteger();

    /** Guards names: shared to look up and to list, exclusive to change. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** Files whose record in the link table may differ from the stored one, by file id. */
    private final Map<Integer, Node> linkEdits = new LinkedHashMap<>();

    /** Regular files that lost their last name, or never had one; those that ended or got one are in it too, for a while. */
    private final Set<FileNode> unnamed = ConcurrentHashMap.newKeySet();

    private final DirectoryNode root;

    Nodes(Workspace workspace, TreeEntry rootEntry) {
        this.workspace = workspace;
        this.root = new DirectoryNode(workspace, rootEntry);
        loaded.put(root.fileId(), root);
    }

    ReentrantReadWriteLock lock() {
        return lock;
    }

    DirectoryNode root() {
        return root;
    }

    @Nullable
    Node get(int fileId) {
        return loaded.get(fileId);
    }

    Iterable<Node> all() {
        return loaded.values();
    }

    Map<Integer, Node> linkEdits() {
        return linkEdits;
    }

    /** Takes in a node that was just made. */
    void add(Node node) {
        loaded.put(node.fileId(), node);
        offer(node);
    }

    /** A file without a name is to be found by {@link #heldUnnamed}. */
    void noteUnnamed(Node node) {
        if (node instanceof FileNode file && node.places().isEmpty()) {
            unnamed.add(file);
        }
    }

    /** The regular files without a name that somebody holds. */
    List<FileNode> heldUnnamed() {
        unnamed.removeIf(file -> !file.places().isEmpty() || loaded.get(file.fileId()) != file);
        return unnamed.stream().filter(Node::isHeld).toList();
    }

    /** After a replay: what has no name and is not held since before it ends. Nobody else is here yet. */
    void endUnheld() {
        WorkspaceContext.Succession succession = workspace.context().succession();
        for (Node node : loaded.values()) {
            if (!isNamed(node)) {
                if (succession.holds(node)) {
                    node.adopt();
                    noteUnnamed(node);
                } else {
                    loaded.remove(node.fileId());
                }
            }
        }
    }

    private ObjectTable objects() {
        return workspace.context().objects();
    }

    /** The node of that name, or null. Names lock held. */
    @Nullable
    Node find(DirectoryNode directory, Name name) {
        Optional<Node> changed = directory.overlay().get(name);
        if (changed != null) {
            return changed.orElse(null);
        }
        TreeEntry entry = Trees.find(objects(), directory.stored(), name);
        return entry == null ? null : load(directory, name, entry);
    }

    /** The node at that path, or null. Names lock held. */
    @Nullable
    Node find(TreePath path) {
        Node node = root;
        for (Name name : path.names()) {
            if (!(node instanceof DirectoryNode directory)) {
                return null;
            }
            Node child = find(directory, name);
            if (child == null) {
                return null;
            }
            node = child;
        }
        return node;
    }

    /** The node of a stored entry whose name is not in the overlay. */
    private Node load(DirectoryNode directory, Name name, TreeEntry entry) {
        Node known = loaded.get(entry.fileId());
        if (known != null && isNamed(known)) {
            return known;
        }
        if (entry.type() == EntryType.LINKED) {
            return loadLinked(LinkTable.require(objects(), workspace.base().links(), entry.fileId()));
        }
        return show(entry, List.of(new Place(directory, name)));
    }

    private Node loadLinked(LinkedFile file) {
        List<Place> places = new ArrayList<>();
        for (TreePath path : file.paths()) {
            if (!(find(path.parent()) instanceof DirectoryNode parent)) {
                throw new StoreException(StoreException.Kind.CORRUPT, "No directory for the linked file " + path);
            }
            places.add(new Place(parent, path.name()));
        }
        return show(file.entry(), places);
    }

    /**
     * The node of what the stored tree has at these places. One without a name is from the journal: it had none when it was
     * written there, and got its old one back by a switch that came before the end.
     */
    private Node show(TreeEntry entry, List<Place> places) {
        return loaded.compute(entry.fileId(), (id, known) -> {
            if (known != null && isNamed(known)) {
                return known;
            }
            Node node = known == null ? create(entry) : known;
            if (known != null) {
                known.show(entry);
            }
            places.forEach(node::addPlace);
            offer(node);
            return node;
        });
    }

    Node create(TreeEntry entry) {
        Node node =
                switch (entry.type()) {
                    case FILE -> new FileNode(workspace, entry);
                    case DIRECTORY -> new DirectoryNode(workspace, entry);
                    case SYMLINK, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> new OtherNode(workspace, entry);
                    case LINKED -> throw new IllegalArgumentException("a linked entry is no file of its own");
                };
        // From the first moment: renamed or unlinked before anybody asks for it, it is held nevertheless.
        if (workspace.context().succession().holds(node)) {
            node.adopt();
        }
        return node;
    }

    /** One of the node's paths; null if it has no name. Names lock held. */
    @Nullable
    TreePath path(Node node) {
        if (node == root) {
            return TreePath.ROOT;
        }
        Place place = node.places().first();
        return place == null ? null : path(place);
    }

    @Nullable
    TreePath path(Place place) {
        ArrayDeque<Name> names = new ArrayDeque<>();
        @Nullable Place at = place;
        names.addFirst(at.name());
        while (at.directory() != root) {
            at = at.directory().places().first();
            if (at == null) {
                return null;
            }
            names.addFirst(at.name());
        }
        return TreePath.of(List.copyOf(names));
    }

    /** Whether {@code node} is {@code ancestor} or somewhere below it. */
    static boolean isBelow(Node node, DirectoryNode ancestor) {
        for (Node at = node; ; ) {
            if (at == ancestor) {
                return true;
            }
            Place place = at.places().first();
            if (place == null) {
                return false;
            }
            at = place.directory();
        }
    }

    /** {@link #links} of a directory, with the lock taken. */
    int lockedLinks(DirectoryNode directory) {
        lock.readLock().lock();
        try {
            return links(directory);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** {@link #list}, with the lock taken. */
    void lockedList(DirectoryNode directory, long fromCookie, Workspace.Listing visitor) throws PosixException {
        lock.readLock().lock();
        try {
            list(directory, fromCookie, visitor);
        } catch (StoreException e) {
            throw PosixException.of(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Names lock held, shared at least. */
    void list(DirectoryNode directory, long fromCookie, Workspace.Listing visitor) {
        Iterator<Map.Entry<Name, Optional<Node>>> changes =
                directory.overlay().tailMap(Name.before(fromCookie)).entrySet().iterator();
        Merge merge = new Merge(changes, visitor);
        Trees.list(objects(), directory.stored(), fromCookie, merge::stored);
        merge.rest();
    }

    /** Counts the directories in one, unless that was done before. Names lock held, shared at least. */
    int subdirectories(DirectoryNode directory) {
        int known = directory.subdirectories();
        if (known >= 0) {
            return known;
        }
        int[] count = {0};
        list(directory, 0, (name, fileId, typeBits, cookie) -> {
            count[0] += typeBits == EntryType.DIRECTORY.modeBits() ? 1 : 0;
            return true;
        });
        directory.setSubdirectories(count[0]);
        return count[0];
    }

    /** st_nlink of a directory: counted where that is cheap, else 1, which stands for "not known" (as in ext4 above 65,000). */
    int links(DirectoryNode directory) {
        return directory.entries() <= COUNTED_ENTRIES_MAX ? 2 + subdirectories(directory) : 1;
    }

    boolean isNamed(Node node) {
        return node == root || !node.places().isEmpty();
    }

    /** Merges a directory's changed names with its stored ones: both come in the order of names. */
    private final class Merge {
        private final Iterator<Map.Entry<Name, Optional<Node>>> changes;
        private final Workspace.Listing visitor;
        /** Of files with several names that are not loaded. */
        private final Map<Integer, Integer> linkedTypes = new HashMap<>();

        private Map.@Nullable Entry<Name, Optional<Node>> next;
        private boolean stopped;

        Merge(Iterator<Map.Entry<Name, Optional<Node>>> changes, Workspace.Listing visitor) {
            this.changes = changes;
            this.visitor = visitor;
            advance();
        }

        private void advance() {
            next = changes.hasNext() ? changes.next() : null;
        }

        boolean stored(Name name, TreeEntry entry) {
            while (next != null && next.getKey().compareTo(name) < 0) {
                change(next);
            }
            if (stopped) {
                return false;
            }
            if (next != null && next.getKey().equals(name)) {
                change(next);
            } else {
                stopped = !visitor.entry(name, entry.fileId(), typeBits(entry), name.cookie());
            }
            return !stopped;
        }

        void rest() {
            while (next != null && !stopped) {
                change(next);
            }
        }

        private void change(Map.Entry<Name, Optional<Node>> change) {
            Name name = change.getKey();
            if (!stopped && change.getValue().isPresent()) {
                Node node = change.getValue().get();
                stopped = !visitor.entry(name, node.fileId(), node.type().modeBits(), name.cookie());
            }
            advance();
        }

        private int typeBits(TreeEntry entry) {
            if (entry.type() != EntryType.LINKED) {
                return entry.type().modeBits();
            }
            Node node = loaded.get(entry.fileId());
            if (node != null) {
                return node.type().modeBits();
            }
            return linkedTypes.computeIfAbsent(entry.fileId(), fileId -> {
                LinkedFile file = LinkTable.find(objects(), workspace.base().links(), fileId);
                return file == null ? TYPE_UNKNOWN : file.entry().type().modeBits();
            });
        }
    }

    /** Notes that a name may mean something else than in the stored tree. Names lock held exclusively. */
    void touch(DirectoryNode directory, Name name, Optional<Node> node) {
        DirectoryNode at = directory;
        Name atName = name;
        Optional<Node> child = node;
        while (true) {
            boolean known = !at.overlay().isEmpty();
            if (at.overlay().put(atName, child) == null && at == directory) {
                workspace.countEdit();
            }
            Place above = at.places().first();
            if (known || above == null) {
                return;
            }
            child = Optional.of(at);
            atName = above.name();
            at = above.directory();
        }
    }

    /** Notes that attributes or content of a node may differ from the stored ones. Names lock held exclusively. */
    void markEdited(Node node) {
        Place place = node.places().first();
        if (node.places().size() > 1) {
            linkEdits.put(node.fileId(), node);
        } else if (place != null) {
            touch(place.directory(), place.name(), Optional.of(node));
        }
    }

    /**
     * The files with several names of which one is below {@code directory}, loaded. The scan of the link table is the
     * price of renaming a directory in a repository that has any.
     */
    Map<Integer, Node> linkedBelow(DirectoryNode directory) {
        Map<Integer, Node> found = new LinkedHashMap<>();
        ObjectId links = workspace.base().links();
        TreePath path = path(directory);
        if (links != null && path != null) {
            LinkTable.list(objects(), links, (fileId, file) -> {
                Node edited = linkEdits.get(fileId);
                Node node = edited != null ? edited : loaded.get(fileId);
                if (node == null && file.paths().stream().anyMatch(each -> each.startsWith(path))) {
                    node = loadLinked(file);
                }
                if (node != null) {
                    found.put(fileId, node);
                }
                return true;
            });
        }
        found.putAll(linkEdits);
        found.values()
                .removeIf(node -> node.places().size() < 2
                        || node.places().all().stream().noneMatch(place -> isBelow(place.directory(), directory)));
        return found;
    }

    /** Is to be looked at by the next {@link #trim}. */
    void offer(Node node) {
        candidates.add(node);
        candidateCount.incrementAndGet();
    }

    int candidates() {
        return candidateCount.get();
    }

    /** Looks at up to {@code most} nodes and drops the clean ones nobody holds. Gate closed: nobody is about to use one he just found. */
    void trim(int most) {
        // Children come off before the directories they keep in memory, which are offered again by that.
        for (int i = 0; i < most; i++) {
            Node node = candidates.poll();
            if (node == null) {
                return;
            }
            candidateCount.decrementAndGet();
            if (node.isHeld() || node == root || loaded.get(node.fileId()) != node) {
                continue;
            }
            if (node.places().isEmpty()) {
                loaded.remove(node.fileId());
            } else if (isClean(node)) {
                loaded.remove(node.fileId());
                node.places().all().forEach(place -> offer(place.directory()));
                node.clearPlaces();
            }
        }
    }

    private boolean isClean(Node node) {
        if (linkEdits.containsKey(node.fileId())
                || (node instanceof DirectoryNode directory
                        && (directory.loadedChildren().get() > 0
                                || !directory.overlay().isEmpty()))) {
            return false;
        }
        return node.places().all().stream()
                .noneMatch(place -> place.directory().overlay().containsKey(place.name()));
    }

    /** An unlinked node that nobody holds ends. */
    void dropIfEnded(Node node) {
        if (node != root && !node.isHeld() && node.places().isEmpty() && !workspace.isReplaying()) {
            loaded.remove(node.fileId(), node);
        }
    }

    /**
     * Stored content and trees that nodes refer to and that no root may have any more: of edited files, of files and
     * directories without a name, of what was copied by reference. Some that the root has are among them.
     *
     * @param shown whether a bookmark shows the workspace; if not, only what is open counts: a kernel remembers names of
     *     deleted bookmarks for long, but finds nothing by them any more
     */
    List<TreeEntry> held(boolean shown) {
        List<TreeEntry> held = new ArrayList<>();
        workspace.gate().close();
        try {
            for (Node node : loaded.values()) {
                if (node instanceof DirectoryNode directory && shown) {
                    held.add(directory.entry());
                } else if (node instanceof FileNode file && (shown || file.mayBeOpen())) {
                    file.content().references().forEach(stored -> held.add(file.holding(stored)));
                }
            }
        } finally {
            workspace.gate().open();
        }
        return held;
    }
}

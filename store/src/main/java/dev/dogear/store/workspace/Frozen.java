package dev.dogear.store.workspace;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.ScratchTable;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.tree.conflict.Settlement;
import dev.dogear.store.workspace.FileContent.Stored;
import dev.dogear.store.workspace.Node.Place;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The edited part of a workspace as it was at one moment, the cut. It never changes, so it is stored outside all locks
 * while edits go on.
 */
public final class Frozen {
    private final Root base;
    private final long cut;
    private final boolean empty;
    private final FrozenDirectory root;
    private final List<FrozenLinks> links = new ArrayList<>();

    private Frozen(Workspace workspace, Nodes nodes, long cut, boolean seal) {
        this.base = workspace.base();
        this.cut = cut;
        this.empty = workspace.editCount() == 0;
        Taking taking = new Taking(seal);
        this.root = taking.directory(nodes.root());
        for (Node node : nodes.linkEdits().values()) {
            TreeSet<TreePath> paths = new TreeSet<>();
            if (node.places().size() > 1) {
                for (Place place : node.places().all()) {
                    TreePath path = nodes.path(place);
                    if (path != null) {
                        paths.add(path);
                    }
                }
            }
            links.add(new FrozenLinks(taking.child(node, false), ImmutableSortedSet.copyOf(paths)));
        }
    }

    /** Gate closed. */
    static Frozen of(Workspace workspace, Nodes nodes, long cut, boolean seal) {
        return new Frozen(workspace, nodes, cut, seal);
    }

    /** LSN from which on edits are not in it. */
    public long cut() {
        return cut;
    }

    /** Whether nothing was edited: storing it gives the base again. */
    public boolean isEmpty() {
        return empty;
    }

    /** The root it is an edit of. */
    public Root base() {
        return base;
    }

    /** Writes what is new to {@code table}, from the leaves up; the cost follows the edits. Conflicts they settled are gone. */
    public Root store(ObjectTable table) {
        return empty ? base : Settlement.after(table, base, store(table, file -> file.store(table)));
    }

    /**
     * How the paths of what is frozen differ from those of {@code since}. Nothing is stored: an entry whose content is
     * edited has its size but no content.
     */
    List<PathChange> differences(ObjectTable table, Root since) {
        ObjectTable scratch = new ScratchTable(table);
        Set<ContentRef> madeUp = new HashSet<>();
        Root sketch = store(scratch, file -> {
            Stored stored = file.sketch();
            if (stored.ref() != null && !stored.equals(file.before)) {
                madeUp.add(stored.ref());
            }
            return stored;
        });
        return RootDiff.between(scratch, since, sketch).stream()
                .map(change -> {
                    TreeEntry after = change.after();
                    return after == null || after.content() == null || !madeUp.contains(after.content())
                            ? change
                            : new PathChange(
                                    change.path(),
                                    change.oldPath(),
                                    change.before(),
                                    after.withContent(after.size(), null));
                })
                .toList();
    }

    private Root store(ObjectTable table, Contents contents) {
        Map<Integer, Optional<LinkedFile>> linkEdits = new HashMap<>();
        for (FrozenLinks link : links) {
            linkEdits.put(
                    link.child.node().fileId(),
                    link.paths.size() < 2
                            ? Optional.empty()
                            : Optional.of(new LinkedFile(entry(table, link.child, contents), link.paths)));
        }
        TreeEntry directory = entry(table, root, contents);
        return new Root(
                directory,
                linkEdits.isEmpty() ? base.links() : LinkTable.edit(table, base.links(), linkEdits),
                base.conflicts());
    }

    private static TreeEntry entry(ObjectTable table, Child child, Contents contents) {
        if (child instanceof FrozenFile file) {
            Stored stored = contents.store(file);
            file.stored = stored;
            return file.entry.withContent(stored.size(), stored.ref());
        }
        if (child instanceof FrozenDirectory directory) {
            SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
            directory.children.forEach(
                    (name, below) -> edits.put(name, below.map(each -> entry(table, each, contents))));
            ContentRef old = directory.entry.content();
            ContentRef tree = edits.isEmpty() ? old : Trees.edit(table, old, edits);
            directory.stored = tree;
            return directory.entry.withContent(directory.entry.size(), tree);
        }
        return ((Fixed) child).entry;
    }

    /** Stores the content of one file. */
    private interface Contents {
        Stored store(FrozenFile file);
    }

    /**
     * Makes what was stored the base of the live nodes and drops what is no edit any more. Gate closed.
     *
     * @return how many edits are left
     */
    int settle(Nodes nodes) {
        settle(root);
        for (FrozenLinks link : links) {
            Node node = link.child.node();
            settleNode(link.child);
            if (node.stamp() < cut) {
                nodes.linkEdits().remove(node.fileId(), node);
                node.setPreparedEpoch(0);
            }
        }
        return remaining(nodes.root());
    }

    private void settle(FrozenDirectory directory) {
        directory.node.setStored(directory.stored);
        directory.children.forEach((name, child) -> {
            NavigableMap<Name, Optional<Node>> overlay = directory.node.overlay();
            if (child.isPresent()) {
                settleNode(child.get());
            }
            Optional<Node> live = overlay.get(name);
            if (live == null) {
                return;
            }
            if (child.isEmpty() ? live.isEmpty() : live.isPresent() && isSettled(live.get(), child.get())) {
                overlay.remove(name);
                live.ifPresent(node -> node.setPreparedEpoch(0));
                live.ifPresent(directory.node.workspace().nodes()::offer);
            }
        });
    }

    private boolean isSettled(Node live, Child frozen) {
        return live == frozen.node()
                && live.stamp() < cut
                && !(live instanceof DirectoryNode directory
                        && !directory.overlay().isEmpty());
    }

    private void settleNode(Child child) {
        if (child instanceof FrozenDirectory directory) {
            settle(directory);
        } else if (child instanceof FrozenFile file && file.stored != null) {
            file.node.content().rebase(file.stored, cut);
        }
    }

    private static int remaining(DirectoryNode directory) {
        int count = 0;
        for (Optional<Node> child : directory.overlay().values()) {
            count += child.isPresent() && child.get() instanceof DirectoryNode below ? 1 + remaining(below) : 1;
        }
        return count;
    }

    /** A file of the edited part. */
    private sealed interface Child permits Fixed, FrozenFile, FrozenDirectory {
        Node node();
    }

    /** One whose entry is known now: LINKED, or no regular file nor directory. */
    private record Fixed(Node node, TreeEntry entry) implements Child {}

    /** A record of the link table to be set, or removed if there are less than two paths. */
    private record FrozenLinks(Child child, ImmutableSortedSet<TreePath> paths) {}

    private static final class FrozenFile implements Child {
        private final FileNode node;
        private final TreeEntry entry;
        private final @Nullable FileContent sealed;
        private final Stored before;
        private final boolean edited;
        private final long stamp;
        private @Nullable Stored stored;

        FrozenFile(FileNode node, boolean seal) {
            this.node = node;
            this.entry = node.entry();
            this.before = node.content().stored();
            this.edited = node.content().isEdited();
            this.stamp = node.stamp();
            this.sealed = seal ? node.content().seal() : null;
        }

        Stored store(ObjectTable table) {
            return Objects.requireNonNull(sealed).store(table);
        }

        /** Made-up content, another one after each edit. */
        Stored sketch() {
            if (!edited || entry.size() == 0) {
                return edited ? Stored.EMPTY : before;
            }
            ByteBuffer madeUp = ByteBuffer.allocate(16)
                    .putLong(Integer.toUnsignedLong(entry.fileId()))
                    .putLong(stamp)
                    .flip();
            ContentRef ref = new ContentRef(ObjectKind.CHUNK, ObjectId.of(ObjectKind.CHUNK, madeUp));
            return new Stored(ref, entry.size());
        }

        @Override
        public Node node() {
            return node;
        }
    }

    private static final class FrozenDirectory implements Child {
        private final DirectoryNode node;
        private final TreeEntry entry;
        private final SortedMap<Name, Optional<Child>> children;
        private @Nullable ContentRef stored;

        FrozenDirectory(DirectoryNode node, SortedMap<Name, Optional<Child>> children) {
            this.node = node;
            this.entry = node.entry();
            this.children = children;
            this.stored = entry.content();
        }

        @Override
        public Node node() {
            return node;
        }
    }

    /** Walks the edited part. */
    private static final class Taking {
        private final boolean seal;

        Taking(boolean seal) {
            this.seal = seal;
        }

        FrozenDirectory directory(DirectoryNode directory) {
            SortedMap<Name, Optional<Child>> children = new TreeMap<>();
            directory.overlay().forEach((name, node) -> children.put(name, node.map(each -> child(each, true))));
            return new FrozenDirectory(directory, children);
        }

        /** @param named as its directory has it, which is LINKED if it has several names; else as the link table has it */
        Child child(Node node, boolean named) {
            if (named && node.places().size() > 1) {
                return new Fixed(node, TreeEntry.linked(node.fileId()));
            }
            if (node instanceof DirectoryNode directory) {
                return directory(directory);
            }
            if (node instanceof FileNode file) {
                return new FrozenFile(file, seal);
            }
            return new Fixed(node, node.entry());
        }
    }
}

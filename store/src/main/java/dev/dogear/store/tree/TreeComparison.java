package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of two trees. What is at the same path is compared on the way down; what is on one side only waits to be
 * paired by file id. Directories that wait are opened smallest first, so that a large one that was moved is found moved
 * before its content is listed. Used once.
 */
final class TreeComparison {
    private final ObjectTable table;
    private final Root before;
    private final Root after;
    private final IntConsumer replaced;
    private final Consumer<PathChange> stayed;
    private final List<PathChange> changes = new ArrayList<>();
    private final Side gone;
    private final Side come;
    private final Map<TreePath, TreePath> renamedDirectories = new HashMap<>();
    private final PriorityQueue<Waiting> unopened = new PriorityQueue<>(
            Comparator.comparingLong((Waiting waiting) -> waiting.entry.size()).thenComparing(waiting -> waiting.path));

    TreeComparison(ObjectTable table, Root before, Root after, IntConsumer replaced, Consumer<PathChange> stayed) {
        this.replaced = replaced;
        this.stayed = stayed;
        this.table = table;
        this.before = before;
        this.after = after;
        this.gone = new Side(table, before);
        this.come = new Side(table, after);
    }

    List<PathChange> run() {
        entries(TreePath.ROOT, before.directory(), TreePath.ROOT, after.directory());
        for (Waiting next = unopened.poll(); next != null; next = unopened.poll()) {
            if (next.state == State.UNPAIRED) {
                open(next);
            }
        }
        unpaired();
        linkedFiles();
        changes.sort(Comparator.comparing(PathChange::path));
        return changes;
    }

    private void contents(TreePath oldPath, TreeEntry old, TreePath path, TreeEntry entry) {
        TreeDiff.entries(table, old.content(), entry.content(), (name, left, right) -> {
            TreePath leftPath = oldPath.child(name);
            TreePath rightPath = path.child(name);
            entries(
                    leftPath,
                    gone.paired.contains(leftPath) ? null : left,
                    rightPath,
                    come.paired.contains(rightPath) ? null : right);
            return true;
        });
    }

    private void entries(TreePath oldPath, @Nullable TreeEntry left, TreePath path, @Nullable TreeEntry right) {
        if (left != null && right != null && isOneAtItsPath(left, right)) {
            if (isDirectory(left)) {
                if (!left.attributes().sameButTimes(right.attributes())) {
                    changes.add(new PathChange(path, oldPath, left, right));
                }
                contents(oldPath, left, path, right);
            } else {
                files(oldPath, left, path, right);
            }
            return;
        }
        if (left != null) {
            arrive(new Waiting(oldPath, left, gone), come);
        }
        if (right != null) {
            arrive(new Waiting(path, right, come), gone);
        }
    }

    private void files(TreePath oldPath, TreeEntry left, TreePath path, TreeEntry right) {
        if (left.fileId() != right.fileId()) {
            replaced.accept(left.fileId());
        }
        TreeEntry old = gone.resolve(left);
        TreeEntry entry = come.resolve(right);
        if (!old.sameState(entry)) {
            changes.add(new PathChange(path, oldPath, old, entry));
        }
    }

    /**
     * Files are matched by path, since programs replace them; directories are not replaced but moved out of the way, and to
     * compare one with its successor would cost their size.
     */
    private static boolean isOneAtItsPath(TreeEntry left, TreeEntry right) {
        return isDirectory(left) ? isDirectory(right) && left.fileId() == right.fileId() : !isDirectory(right);
    }

    /** Pairs with one of the same file id on the other side, or waits for one. */
    private void arrive(Waiting waiting, Side other) {
        if (waiting.side.paired.contains(waiting.path)) {
            return;
        }
        @Nullable Waiting partner = other.take(waiting);
        if (partner == null) {
            waiting.side.add(waiting);
            if (isDirectory(waiting.entry)) {
                unopened.add(waiting);
            }
        } else if (waiting.side == gone) {
            pair(waiting, partner);
        } else {
            pair(partner, waiting);
        }
    }

    private void pair(Waiting left, Waiting right) {
        left.leave(State.PAIRED);
        right.leave(State.PAIRED);
        TreeEntry old = gone.resolve(left.entry);
        TreeEntry entry = come.resolve(right.entry);
        PathChange change = new PathChange(right.path, left.path, old, entry);
        if (!left.path.equals(right.path) || !sameBesidesEntries(old, entry)) {
            changes.add(change);
        } else {
            stayed.accept(change);
        }
        if (isDirectory(entry)) {
            renamedDirectories.put(right.path, left.path);
            contents(left.path, old, right.path, entry);
        }
    }

    private void open(Waiting directory) {
        Side other = directory.side == gone ? come : gone;
        Trees.list(table, directory.entry.content(), 0, (name, entry) -> {
            Waiting child = new Waiting(directory.path.child(name), entry, directory.side);
            directory.children.add(child);
            arrive(child, other);
            // A child may turn out to be what pairs this directory's own parent, never this directory itself.
            return directory.state == State.UNPAIRED;
        });
    }

    private void unpaired() {
        Map<TreePath, TreeEntry> added = new LinkedHashMap<>();
        come.waiting().forEach(right -> added.put(right.path, come.resolve(right.entry)));
        for (Waiting left : gone.waiting()) {
            TreeEntry old = gone.resolve(left.entry);
            @Nullable TreeEntry entry = added.remove(left.path);
            PathChange change = new PathChange(left.path, left.path, old, entry);
            if (entry == null || !sameBesidesEntries(old, entry)) {
                changes.add(change);
            } else {
                stayed.accept(change);
            }
        }
        added.forEach((path, entry) -> changes.add(new PathChange(path, null, null, entry)));
    }

    private static boolean sameBesidesEntries(TreeEntry old, TreeEntry entry) {
        return (isDirectory(old) && isDirectory(entry))
                ? old.attributes().sameButTimes(entry.attributes())
                : old.sameState(entry);
    }

    /** A linked file's record may change while the entries that name it stay as they are. */
    private void linkedFiles() {
        Set<TreePath> known = new HashSet<>();
        changes.forEach(change -> known.add(change.path()));
        ProllyDiff.run(table, LinkTable.Layout.INSTANCE, before.links(), after.links(), (fileId, old, file) -> {
            if (old != null && file != null && !old.entry().sameState(file.entry())) {
                for (TreePath path : file.paths()) {
                    TreePath oldPath = oldPath(path);
                    if (old.paths().contains(oldPath) && known.add(path)) {
                        changes.add(new PathChange(path, oldPath, old.entry(), file.entry()));
                    }
                }
            }
            return true;
        });
    }

    /** Where a path was before the directories above it were renamed. */
    private TreePath oldPath(TreePath path) {
        List<Name> below = new ArrayList<>();
        for (TreePath above = path; !above.isRoot(); above = above.parent()) {
            @Nullable TreePath old = renamedDirectories.get(above);
            if (old != null) {
                List<Name> names = new ArrayList<>(old.names());
                names.addAll(below);
                return TreePath.of(names);
            }
            below.add(0, above.name());
        }
        return path;
    }

    private static boolean isDirectory(TreeEntry entry) {
        return entry.type() == EntryType.DIRECTORY;
    }

    private enum State {
        UNPAIRED,
        PAIRED,
        /** Its directory was paired after it had been opened: the comparison of the pair sees this entry again. */
        WITHDRAWN
    }

    /** What is on one side only, so far. */
    private static final class Side {
        private final ObjectTable table;
        private final Root root;

        /** Entries of files with several names, as a record in the link table is as long as it has names. */
        private final Map<Integer, TreeEntry> linked = new HashMap<>();

        private final Map<Integer, Set<Waiting>> byFileId = new LinkedHashMap<>();
        private final Set<TreePath> paired = new HashSet<>();

        Side(ObjectTable table, Root root) {
            this.table = table;
            this.root = root;
        }

        /** The file's own entry: see {@link Trees#resolve}. */
        TreeEntry resolve(TreeEntry entry) {
            return entry.type() == EntryType.LINKED
                    ? linked.computeIfAbsent(entry.fileId(), id -> Trees.resolve(table, root, entry))
                    : entry;
        }

        void add(Waiting waiting) {
            byFileId.computeIfAbsent(waiting.entry.fileId(), id -> new LinkedHashSet<>())
                    .add(waiting);
        }

        @Nullable
        Waiting take(Waiting partner) {
            for (Waiting waiting : byFileId.getOrDefault(partner.entry.fileId(), Set.of())) {
                if (isDirectory(waiting.entry) == isDirectory(partner.entry)) {
                    return waiting;
                }
            }
            return null;
        }

        List<Waiting> waiting() {
            List<Waiting> all = new ArrayList<>();
            byFileId.values().forEach(all::addAll);
            return all;
        }
    }

    /** An entry on one side that has no partner yet. */
    private static final class Waiting {
        private final TreePath path;
        private final TreeEntry entry;
        private final Side side;
        private final List<Waiting> children = new ArrayList<>();
        private State state = State.UNPAIRED;

        Waiting(TreePath path, TreeEntry entry, Side side) {
            this.path = path;
            this.entry = entry;
            this.side = side;
        }

        void leave(State newState) {
            state = newState;
            Objects.requireNonNull(side.byFileId.getOrDefault(entry.fileId(), new HashSet<>()))
                    .remove(this);
            if (newState == State.PAIRED) {
                side.paired.add(path);
            }
            for (Waiting child : children) {
                if (child.state == State.UNPAIRED) {
                    child.leave(State.WITHDRAWN);
                }
            }
        }
    }
}

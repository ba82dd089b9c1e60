package dev.dogear.store.tree.conflict;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sets and removes single paths of a root, names of linked files too. Directories that get or lose a name get the time. */
final class PathEdits {
    private static final Comparator<TreePath> DEEPEST_FIRST =
            Comparator.comparingInt((TreePath path) -> -path.names().size()).thenComparing(Comparator.naturalOrder());

    private final ObjectTable table;
    private final Root root;
    private final Timestamp time;
    private final TreeMap<TreePath, SortedMap<Name, Optional<TreeEntry>>> edits = new TreeMap<>(DEEPEST_FIRST);
    private final Map<Integer, Optional<LinkedFile>> linkEdits = new HashMap<>();

    PathEdits(ObjectTable table, Root root, Timestamp time) {
        this.table = table;
        this.root = root;
        this.time = time;
    }

    /** The resolved entry there was at first, or null. */
    @Nullable
    TreeEntry entry(TreePath path) {
        @Nullable TreeEntry raw = Trees.find(table, root, path);
        return raw == null ? null : Trees.resolve(table, root, raw);
    }

    boolean isDirectory(TreePath path) {
        @Nullable TreeEntry raw = Trees.find(table, root, path);
        return raw != null && raw.type() == EntryType.DIRECTORY;
    }

    /** The directory above must be there. A file with several names changes under all of them. */
    void put(TreePath path, TreeEntry entry) {
        TreeEntry stamped = entry.withAttributes(entry.attributes().withTimes(time, time));
        @Nullable TreeEntry raw = Trees.find(table, root, path);
        if (raw != null && raw.type() == EntryType.LINKED && raw.fileId() == entry.fileId()) {
            LinkedFile file = LinkTable.require(table, root.links(), raw.fileId());
            linkEdits.put(raw.fileId(), Optional.of(new LinkedFile(stamped, file.paths())));
        } else {
            if (raw != null && raw.fileId() != entry.fileId()) {
                leaveLinks(path, raw);
            }
            set(path, Optional.of(stamped));
        }
    }

    /** Gives a directory another place, or the same, with those attributes; the directory above is there. */
    void move(TreePath from, TreePath to, Attributes attributes) {
        TreeEntry raw = Objects.requireNonNull(Trees.find(table, root, from));
        if (!from.equals(to)) {
            moveLinks(from, to, raw);
            set(from, Optional.empty());
        }
        set(to, Optional.of(raw.withAttributes(attributes.withTimes(time, time))));
    }

    private void moveLinks(TreePath from, TreePath to, TreeEntry raw) {
        if (raw.type() == EntryType.DIRECTORY && root.links() != null) {
            Trees.list(table, raw.content(), 0, (name, child) -> {
                moveLinks(from.child(name), to.child(name), child);
                return true;
            });
        } else if (raw.type() == EntryType.LINKED) {
            LinkedFile file = linked(raw.fileId());
            Set<TreePath> paths = new TreeSet<>(file.paths());
            paths.remove(from);
            paths.add(to);
            linkEdits.put(raw.fileId(), Optional.of(new LinkedFile(file.entry(), ImmutableSortedSet.copyOf(paths))));
        }
    }

    private LinkedFile linked(int fileId) {
        return linkEdits
                .getOrDefault(fileId, Optional.empty())
                .orElseGet(() -> LinkTable.require(table, root.links(), fileId));
    }

    void remove(TreePath path) {
        @Nullable TreeEntry raw = Trees.find(table, root, path);
        if (raw == null) {
            return;
        }
        leaveLinks(path, raw);
        set(path, Optional.empty());
    }

    private void leaveLinks(TreePath path, TreeEntry raw) {
        if (raw.type() == EntryType.DIRECTORY && root.links() != null) {
            Trees.list(table, raw.content(), 0, (name, child) -> {
                leaveLinks(path.child(name), child);
                return true;
            });
        } else if (raw.type() == EntryType.LINKED) {
            LinkedFile file = linked(raw.fileId());
            ImmutableSortedSet<TreePath> left = ImmutableSortedSet.copyOf(
                    file.paths().stream().filter(each -> !each.equals(path)).toList());
            if (left.size() == 1) {
                set(left.first(), Optional.of(file.entry()));
            }
            linkEdits.put(
                    raw.fileId(), left.size() < 2 ? Optional.empty() : Optional.of(new LinkedFile(file.entry(), left)));
        }
    }

    private void set(TreePath path, Optional<TreeEntry> entry) {
        edits.computeIfAbsent(path.parent(), key -> new TreeMap<>()).put(path.name(), entry);
    }

    /** The root with all that; the conflicts are as they were. */
    Root build() {
        TreeEntry top = root.directory();
        for (Map.Entry<TreePath, SortedMap<Name, Optional<TreeEntry>>> next = edits.pollFirstEntry();
                next != null;
                next = edits.pollFirstEntry()) {
            TreePath path = next.getKey();
            TreeEntry old = Objects.requireNonNull(entry(path));
            boolean named = next.getValue().entrySet().stream()
                    .anyMatch(edit ->
                            edit.getValue().isEmpty() || Trees.find(table, old.content(), edit.getKey()) == null);
            TreeEntry directory = Trees.editDirectory(table, old, next.getValue());
            if (named) {
                directory = directory.withAttributes(directory.attributes().withTimes(time, time));
            }
            if (path.isRoot()) {
                top = directory;
            } else {
                set(path, Optional.of(directory));
            }
        }
        @Nullable ObjectId links = linkEdits.isEmpty() ? root.links() : LinkTable.edit(table, root.links(), linkEdits);
        return new Root(top, links, root.conflicts());
    }
}

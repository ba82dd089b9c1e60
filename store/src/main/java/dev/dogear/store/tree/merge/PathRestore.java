package dev.dogear.store.tree.merge;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import dev.dogear.store.tree.conflict.RootDiff;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts some paths of a tree back to what another tree has there, at the cost of what differs, and touches no other path: a
 * file that was renamed comes back at its old path and stays at the new one, unless that was named too. What comes back
 * into a file that is there keeps its file id; other files get one nobody has if theirs may be in use. A file with several
 * names of which only some were named is a file of its own at those. Used once.
 */
public final class PathRestore {
    private static final Comparator<TreePath> DEEPEST_FIRST =
            Comparator.comparingInt((TreePath path) -> -path.names().size()).thenComparing(Comparator.naturalOrder());

    private final ObjectTable table;
    private final Root now;
    private final Root then;
    private final Timestamp time;
    private final IntSupplier fileIds;

    private final Set<TreePath> asked = new HashSet<>();

    /** What is removed or replaced as a whole, with all below it. */
    private final Set<TreePath> gone = new HashSet<>();

    /** What is put, as the tree to take from has it. */
    private final Map<TreePath, TreeEntry> files = new TreeMap<>();

    private final Map<TreePath, TreeEntry> newDirectories = new TreeMap<>();
    private final Map<TreePath, Attributes> newAttributes = new HashMap<>();

    /** Directories in which a name came, went or means another file. */
    private final Set<TreePath> renamedIn = new HashSet<>();

    private final TreeMap<TreePath, SortedMap<Name, Optional<TreeEntry>>> edits = new TreeMap<>(DEEPEST_FIRST);
    private final Map<Integer, Optional<LinkedFile>> linkEdits = new HashMap<>();

    /** File ids of the tree to take from that nothing has which stays. */
    private final Set<Integer> free = new HashSet<>();

    private final Set<Integer> used = new HashSet<>();

    /**
     * From the tree as it is and the one to take from.
     *
     * @param time stamped on what changes
     * @param fileIds gives a file id no file of the repository ever had
     */
    public PathRestore(ObjectTable table, Root now, Root then, Timestamp time, IntSupplier fileIds) {
        this.table = table;
        this.now = now;
        this.then = then;
        this.time = time;
        this.fileIds = fileIds;
    }

    /**
     * The tree as it is, with those files and folders as the other one has them; equal to it if nothing differs.
     *
     * @throws StoreException NOT_FOUND for a path that neither has; INVALID if a file is where a folder has to be
     */
    public Root of(Collection<TreePath> asked) {
        asked.forEach(this::require);
        Set<Integer> replaced = new HashSet<>();
        List<PathChange> changes = RootDiff.between(table, now, then, replaced::add);
        TreeSet<TreePath> places = new TreeSet<>(asked);
        for (PathChange change : changes) {
            places.add(change.path());
            if (change.oldPath() != null) {
                places.add(change.oldPath());
            }
        }
        for (Root root : List.of(now, then)) {
            LinkTable.list(table, root.links(), (fileId, file) -> {
                places.addAll(file.paths());
                return true;
            });
        }
        this.asked.addAll(asked);
        places.removeIf(place -> place.isRoot() || !isAsked(place));
        // In the order of paths, so a directory comes before what is in it.
        places.forEach(this::assign);
        findFree(changes, replaced);
        leaveGroups();
        placeFiles();
        return withConflicts(build());
    }

    /** What was asked for is as conflicted as it was, the rest as it is. */
    private Root withConflicts(Root restored) {
        SortedMap<TreePath, Conflict> conflicts = ConflictList.of(table, now);
        conflicts.keySet().removeIf(this::isAsked);
        ConflictList.of(table, then).forEach((path, conflict) -> {
            if (isAsked(path)) {
                conflicts.put(path, conflict);
            }
        });
        boolean same = conflicts.equals(ConflictList.of(table, now));
        return same ? restored.withConflicts(now.conflicts()) : ConflictList.with(table, restored, conflicts.values());
    }

    private void require(TreePath path) {
        if (Trees.find(table, now, path) == null && Trees.find(table, then, path) == null) {
            throw new StoreException(
                    Kind.NOT_FOUND, "There is no " + path + ", neither now nor in the state to take it from.");
        }
    }

    private void assign(TreePath place) {
        TreeEntry is = Trees.find(table, now, place);
        TreeEntry was = Trees.find(table, then, place);
        if (isGone(place) || (is == null && was == null)) {
            return;
        }
        if (is != null && was != null) {
            if (Side.isDirectory(is) && Side.isDirectory(was)) {
                assignDirectory(place, is, was);
                return;
            }
            boolean sameState = Trees.resolve(table, now, is).sameState(Trees.resolve(table, then, was));
            if (sameState && names(now, place, is).equals(names(then, place, was))) {
                return;
            }
        }
        gone.add(place);
        if (was == null) {
            edits(place.parent()).put(place.name(), Optional.empty());
            renamedIn.add(place.parent());
        } else {
            putAbove(place);
            put(place, was);
        }
    }

    private void assignDirectory(TreePath place, TreeEntry is, TreeEntry was) {
        if (!is.attributes().sameButTimes(was.attributes())) {
            newAttributes.put(place, was.attributes());
        }
        if (is.fileId() != was.fileId()) {
            // Another directory of this name: what only moved along with the old one is in no list of changes.
            TreeDiff.entries(table, is.content(), was.content(), (name, left, right) -> {
                assign(place.child(name));
                return true;
            });
        }
    }

    /** The names of a file that were asked for. */
    private Set<TreePath> names(Root root, TreePath place, TreeEntry entry) {
        Set<TreePath> names = new HashSet<>(Set.of(place));
        if (entry.type() == EntryType.LINKED) {
            names.addAll(LinkTable.require(table, root.links(), entry.fileId()).paths());
        }
        names.removeIf(name -> !isAsked(name));
        return names;
    }

    private boolean isAsked(TreePath path) {
        return asked.stream().anyMatch(path::startsWith);
    }

    private boolean isGone(TreePath path) {
        for (TreePath at = path; !at.isRoot(); at = at.parent()) {
            if (gone.contains(at)) {
                return true;
            }
        }
        return false;
    }

    /** Puts the directories above a path that are missing. */
    private void putAbove(TreePath path) {
        TreePath parent = path.parent();
        if (parent.isRoot() || newDirectories.containsKey(parent)) {
            return;
        }
        TreeEntry is = Trees.find(table, now, parent);
        if (is == null) {
            putAbove(parent);
            newDirectories.put(parent, Objects.requireNonNull(Trees.find(table, then, parent)));
        } else if (!Side.isDirectory(is)) {
            throw new StoreException(
                    Kind.INVALID, "There is no room for " + path + " while " + parent + " is a file: name that too.");
        }
    }

    private void put(TreePath place, TreeEntry was) {
        if (!Side.isDirectory(was)) {
            files.put(place, was);
            return;
        }
        newDirectories.put(place, was);
        Trees.list(table, was.content(), 0, (name, entry) -> {
            put(place.child(name), entry);
            return true;
        });
    }

    /** Only what is known to be nowhere else counts: below a directory that was renamed, nothing is. */
    private void findFree(List<PathChange> changes, Set<Integer> replaced) {
        for (PathChange change : changes) {
            TreeEntry was = change.after();
            TreePath left = change.oldPath();
            if (was != null && (change.before() == null || (left != null && isGone(left)))) {
                free.add(was.fileId());
            }
        }
        free.removeAll(replaced);
        LinkTable.list(table, then.links(), (fileId, file) -> {
            free.remove(fileId);
            return true;
        });
        LinkTable.list(table, now.links(), (fileId, file) -> {
            if (file.paths().stream().allMatch(this::isGone)) {
                free.add(fileId);
            } else {
                free.remove(fileId);
            }
            return true;
        });
    }

    /** Takes the names that are gone from the files they belonged to. */
    private void leaveGroups() {
        LinkTable.list(table, now.links(), (fileId, file) -> {
            List<TreePath> left =
                    file.paths().stream().filter(path -> !isGone(path)).toList();
            if (left.size() == file.paths().size()) {
                return true;
            }
            Attributes attributes = file.entry().attributes();
            TreeEntry entry = file.entry().withAttributes(attributes.withTimes(attributes.mtime(), time));
            linkEdits.put(
                    fileId,
                    left.size() < 2
                            ? Optional.empty()
                            : Optional.of(new LinkedFile(entry, ImmutableSortedSet.copyOf(left))));
            if (left.size() == 1) {
                edits(left.get(0).parent()).put(left.get(0).name(), Optional.of(entry));
            }
            return true;
        });
    }

    private void placeFiles() {
        Map<Integer, List<TreePath>> groups = new TreeMap<>();
        files.forEach((path, was) -> {
            if (was.type() == EntryType.LINKED) {
                groups.computeIfAbsent(was.fileId(), group -> new ArrayList<>()).add(path);
            } else {
                place(was, List.of(path));
            }
        });
        groups.forEach((group, paths) ->
                place(LinkTable.require(table, then.links(), group).entry(), paths));
    }

    /** Puts one file at all its names. */
    private void place(TreeEntry was, List<TreePath> paths) {
        TreeEntry entry = stamped(was, paths.get(0)).withFileId(fileId(was, paths));
        boolean alone = paths.size() == 1;
        if (!alone) {
            linkEdits.put(entry.fileId(), Optional.of(new LinkedFile(entry, ImmutableSortedSet.copyOf(paths))));
        }
        for (TreePath path : paths) {
            TreeEntry is = Trees.find(table, now, path);
            if (is == null || is.fileId() != entry.fileId()) {
                renamedIn.add(path.parent());
            }
            edits(path.parent()).put(path.name(), Optional.of(alone ? entry : TreeEntry.linked(entry.fileId())));
        }
    }

    /** That of a file in whose place it comes, or its own if that is free, or a new one. */
    private int fileId(TreeEntry was, List<TreePath> paths) {
        for (TreePath path : paths) {
            TreeEntry is = Trees.find(table, now, path);
            boolean stays = is != null && is.type() == EntryType.FILE && was.type() == EntryType.FILE;
            boolean left = is != null
                    && is.type() == EntryType.LINKED
                    && free.contains(is.fileId())
                    && Trees.resolve(table, now, is).canBecome(was);
            if (is != null && (stays || left) && used.add(is.fileId())) {
                return is.fileId();
            }
        }
        return ownFileId(was);
    }

    private int ownFileId(TreeEntry was) {
        return free.contains(was.fileId()) && used.add(was.fileId()) ? was.fileId() : fileIds.getAsInt();
    }

    /** Content that changes gets both times, what else changes gets ctime. */
    private TreeEntry stamped(TreeEntry was, TreePath path) {
        TreeEntry raw = Trees.find(table, now, path);
        TreeEntry is = raw == null ? null : Trees.resolve(table, now, raw);
        boolean content = is == null || !is.sameContent(was);
        Timestamp mtime = is == null || content ? time : is.attributes().mtime();
        return was.withAttributes(was.attributes().withTimes(mtime, time));
    }

    private SortedMap<Name, Optional<TreeEntry>> edits(TreePath directory) {
        return edits.computeIfAbsent(directory, key -> new TreeMap<>());
    }

    private Root build() {
        newDirectories.keySet().forEach(path -> {
            edits(path);
            renamedIn.add(path.parent());
        });
        newAttributes.keySet().forEach(this::edits);
        if (edits.isEmpty()) {
            return now;
        }
        edits(TreePath.ROOT);
        while (true) {
            Map.Entry<TreePath, SortedMap<Name, Optional<TreeEntry>>> next =
                    Objects.requireNonNull(edits.pollFirstEntry());
            TreePath path = next.getKey();
            TreeEntry directory = directory(path, next.getValue());
            if (path.isRoot()) {
                return new Root(directory, links(), null);
            }
            edits(path.parent()).put(path.name(), Optional.of(directory));
        }
    }

    private @Nullable ObjectId links() {
        return linkEdits.isEmpty() ? now.links() : LinkTable.edit(table, now.links(), linkEdits);
    }

    private TreeEntry directory(TreePath path, SortedMap<Name, Optional<TreeEntry>> entries) {
        TreeEntry added = newDirectories.get(path);
        TreeEntry start = added != null
                ? added.withContent(0, null).withFileId(ownFileId(added))
                : Objects.requireNonNull(Trees.find(table, now, path));
        Attributes attributes = newAttributes.getOrDefault(path, start.attributes());
        Attributes old = start.attributes();
        if (added != null || renamedIn.contains(path)) {
            attributes = attributes.withTimes(time, time);
        } else if (newAttributes.containsKey(path)) {
            attributes = attributes.withTimes(old.mtime(), time);
        }
        TreeEntry directory = start.withAttributes(attributes);
        return entries.isEmpty() ? directory : Trees.editDirectory(table, directory, entries);
    }
}

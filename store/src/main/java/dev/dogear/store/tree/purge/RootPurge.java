package dev.dogear.store.tree.purge;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import dev.dogear.store.tree.purge.PathGlobs.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes of each root the same without what is to be purged. A directory is made from what was made of the version of it seen
 * last, by what differs between the two, so the cost of a history follows its edits. Times, ids and owners stay.
 */
public final class RootPurge {
    private final ObjectTable table;
    private final PathGlobs paths;
    private final EntryPurge entries;
    private final Map<Root, Root> roots = new HashMap<>();
    private final Map<ObjectId, Map<Integer, Optional<LinkedFile>>> links = new HashMap<>();
    /** What was made of directories, by the linked files that go: those are not in the directory's own bytes. */
    private final Map<ImmutableSet<Integer>, Made> made = new HashMap<>();

    /** A directory, as far as what is made of it depends on it. */
    private record Key(State state, @Nullable ContentRef tree) {}

    /** What was made of directories. */
    private static final class Made {
        final Map<Key, Optional<ContentRef>> trees = new HashMap<>();
        /** The version that was seen last at each path. */
        final Map<TreePath, Key> last = new HashMap<>();
    }

    /** Where a directory is, and which linked files are gone from it. */
    private record Place(TreePath path, State state, ImmutableSet<Integer> gone) {
        Place into(PathGlobs globs, Name name) {
            return new Place(path.child(name), globs.into(state, name), gone);
        }
    }

    public RootPurge(ObjectTable table, PurgeRules rules) {
        this.table = table;
        this.paths = rules.paths();
        this.entries = new EntryPurge(table, rules.secrets());
    }

    /** What it found so far. */
    public EntryPurge found() {
        return entries;
    }

    /** The root without what is to be purged; itself if there is nothing of it. */
    public Root apply(Root root) {
        Root known = roots.get(root);
        if (known == null) {
            known = purged(root);
            roots.put(root, known);
        }
        return known;
    }

    private Root purged(Root root) {
        Map<Integer, Optional<LinkedFile>> linkEdits = root.links() == null ? Map.of() : linkEdits(root.links());
        ImmutableSet.Builder<Integer> gone = ImmutableSet.builder();
        linkEdits.forEach((fileId, file) -> {
            if (file.isEmpty()) {
                gone.add(fileId);
            }
        });
        Place top = new Place(TreePath.ROOT, paths.start(), gone.build());
        TreeEntry directory = directory(top, root.directory());
        ObjectId newLinks = linkEdits.isEmpty() ? root.links() : LinkTable.edit(table, root.links(), linkEdits);
        Root changed = new Root(directory, newLinks, root.conflicts());
        return root.conflicts() == null ? changed : ConflictList.with(table, changed, conflicts(root));
    }

    /** A file with several names goes with all of them if one is to be purged. */
    private Map<Integer, Optional<LinkedFile>> linkEdits(ObjectId linkTable) {
        return links.computeIfAbsent(linkTable, id -> {
            Map<Integer, Optional<LinkedFile>> edits = new HashMap<>();
            LinkTable.list(table, id, (fileId, file) -> {
                boolean hit = file.paths().stream().anyMatch(paths::covers);
                String where = file.paths().first().toString();
                TreeEntry entry = hit ? entries.removed(where, file.entry()) : entries.apply(where, file.entry());
                ImmutableSortedSet<TreePath> names = file.paths().stream()
                        .map(this::renamed)
                        .collect(ImmutableSortedSet.toImmutableSortedSet(TreePath::compareTo));
                if (entry == null) {
                    edits.put(fileId, Optional.empty());
                } else if (!entry.equals(file.entry()) || !names.equals(file.paths())) {
                    edits.put(fileId, Optional.of(new LinkedFile(entry, names)));
                }
                return true;
            });
            return edits;
        });
    }

    private TreePath renamed(TreePath path) {
        return TreePath.of(path.names().stream().map(entries::name).collect(ImmutableList.toImmutableList()));
    }

    private TreeEntry directory(Place place, TreeEntry entry) {
        TreeEntry clean = entries.attributes(place.path().toString(), entry);
        return Trees.withTree(table, clean, tree(place, entry.content()));
    }

    private @Nullable ContentRef tree(Place place, @Nullable ContentRef tree) {
        if (tree == null || (entries.isIdle() && place.gone().isEmpty() && !paths.canMatchBelow(place.state()))) {
            return tree;
        }
        Made context = made.computeIfAbsent(place.gone(), key -> new Made());
        Key key = new Key(place.state(), tree);
        Optional<ContentRef> known = context.trees.get(key);
        if (known == null) {
            Key before = context.last.get(place.path());
            known = Optional.ofNullable(made(place, context, before, tree));
            context.trees.put(key, known);
        }
        context.last.put(place.path(), key);
        return known.orElse(null);
    }

    /** From what was made of the version before, by what differs. */
    private @Nullable ContentRef made(Place place, Made context, @Nullable Key before, ContentRef tree) {
        boolean usable = before != null && before.state().equals(place.state());
        ContentRef old = usable && before != null ? before.tree() : null;
        ContentRef start = usable && before != null
                ? context.trees.getOrDefault(before, Optional.empty()).orElse(null)
                : null;
        if (old == null) {
            // Nothing was seen here: what is made begins as the directory itself, so that what stays is not written
            // again.
            start = tree;
        }
        List<Map.Entry<Name, Optional<TreeEntry>>> differing = new ArrayList<>();
        TreeDiff.entries(table, old, tree, (name, was, is) -> {
            differing.add(Map.entry(name, Optional.ofNullable(is)));
            return true;
        });
        SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
        for (Map.Entry<Name, Optional<TreeEntry>> each : differing) {
            Name name = each.getKey();
            Name shown = entries.name(name);
            TreeEntry is = each.getValue().orElse(null);
            TreeEntry clean = is == null ? null : entry(place.into(paths, name), is);
            if (old == null && shown.equals(name) && is != null && is.equals(clean)) {
                continue;
            }
            if (!shown.equals(name) && old == null) {
                edits.put(name, Optional.empty());
            }
            edits.put(shown, Optional.ofNullable(clean));
        }
        return edits.isEmpty() ? start : Trees.edit(table, start, edits);
    }

    private @Nullable TreeEntry entry(Place place, TreeEntry entry) {
        String path = place.path().toString();
        if (paths.matches(place.state())) {
            noteAll(path, entry);
            return null;
        }
        return switch (entry.type()) {
            case DIRECTORY -> directory(place, entry);
            case LINKED -> place.gone().contains(entry.fileId()) ? null : entry;
            default -> entries.apply(path, entry);
        };
    }

    /** Says of all that goes with a directory that it is gone. */
    private void noteAll(String path, TreeEntry entry) {
        entries.removed(path, entry);
        switch (entry.type()) {
            case DIRECTORY ->
                Trees.walk(table, entry.content(), entries::isNewlyGone, (name, child) -> {
                    noteAll(path + "/" + name, child);
                    return true;
                });
            default -> {}
        }
    }

    private List<Conflict> conflicts(Root root) {
        List<Conflict> left = new ArrayList<>();
        ConflictList.of(table, root).forEach((path, conflict) -> {
            if (!paths.covers(path)) {
                Conflict clean = new Conflict(
                        renamed(path),
                        conflict.kinds(),
                        versions(conflict.bases()),
                        versions(conflict.sides()),
                        conflict.markerLength());
                boolean empty = clean.sides().stream().allMatch(side -> side.entry() == null);
                if (!empty) {
                    left.add(clean);
                }
            }
        });
        return left;
    }

    private ImmutableList<Conflict.Version> versions(ImmutableList<Conflict.Version> versions) {
        return versions.stream()
                .map(version -> new Conflict.Version(renamed(version.path()), version(version)))
                .collect(ImmutableList.toImmutableList());
    }

    private @Nullable TreeEntry version(Conflict.Version version) {
        TreeEntry entry = version.entry();
        if (entry == null) {
            return null;
        }
        if (paths.covers(version.path())) {
            return entries.removed(version.path().toString(), entry);
        }
        State state = paths.start();
        for (Name name : version.path().names()) {
            state = paths.into(state, name);
        }
        return entry(new Place(version.path(), state, ImmutableSet.of()), entry);
    }
}

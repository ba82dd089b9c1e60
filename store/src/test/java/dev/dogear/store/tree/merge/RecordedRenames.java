package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.merge.GitOracle.GitFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Three trees in which each directory that a side renamed has one and the same name, at the top. What is recorded here and
 * git can only guess then plays no part, so git has to come to the same result, file by file, once the directories are put
 * where they belong.
 */
final class RecordedRenames {
    private static final String NEUTRAL = "directory";
    private static final Pattern NAME = Pattern.compile(NEUTRAL + "(\\d+)/");

    /** Directories by what they are in the base: the place where each tree has them. */
    private final Map<Integer, Place> before;

    private final Map<Integer, Place> ours;
    private final Map<Integer, Place> theirs;

    private final ModelTree base;
    private final Map<Integer, TreePath> inBase;
    private final Map<Integer, Place> merged = new HashMap<>();
    private final Set<Integer> renamed = new HashSet<>();
    private final Set<Integer> undecided = new HashSet<>();

    RecordedRenames(ModelTree base, ModelTree ours, ModelTree theirs) {
        this.base = base;
        this.inBase = byFileId(base);
        this.before = places(base);
        this.ours = places(ours);
        this.theirs = places(theirs);
        Set<Integer> all = new HashSet<>(before.keySet());
        all.addAll(this.ours.keySet());
        all.addAll(this.theirs.keySet());
        all.forEach(this::merge);
        all.forEach(this::breakCycle);
    }

    /** A directory's name in another one. */
    private record Place(int parent, Name name) {}

    private static Map<Integer, TreePath> byFileId(ModelTree tree) {
        Map<Integer, TreePath> paths = new LinkedHashMap<>();
        tree.paths(true).forEach(path -> paths.put(tree.get(path.toString()).fileId(), path));
        return paths;
    }

    /** Directories are the same by file id, or else by path. */
    private Map<TreePath, Integer> identities(ModelTree tree) {
        Map<TreePath, Integer> identities = new HashMap<>();
        Map<Integer, TreePath> here = byFileId(tree);
        here.forEach((id, path) -> {
            @Nullable TreeEntry old = base.entries().get(path);
            boolean successor = !inBase.containsKey(id)
                    && old != null
                    && old.type() == EntryType.DIRECTORY
                    && !here.containsKey(old.fileId());
            identities.put(path, successor ? Objects.requireNonNull(old).fileId() : id);
        });
        return identities;
    }

    private Map<Integer, Place> places(ModelTree tree) {
        Map<TreePath, Integer> identities = identities(tree);
        Map<Integer, Place> found = new HashMap<>();
        identities.forEach((path, id) -> {
            if (!path.isRoot()) {
                found.put(id, new Place(Objects.requireNonNull(identities.get(path.parent())), path.name()));
            }
        });
        return found;
    }

    private void merge(int id) {
        @Nullable Place old = before.get(id);
        @Nullable Place left = ours.get(id);
        @Nullable Place right = theirs.get(id);
        boolean leftMoved = old != null && left != null && !left.equals(old);
        boolean rightMoved = old != null && right != null && !right.equals(old);
        if (leftMoved || rightMoved) {
            renamed.add(id);
        }
        if (leftMoved && rightMoved && !Objects.requireNonNull(left).equals(right)) {
            undecided.add(id);
        }
        Place first = leftMoved || right == null ? left : right;
        merged.put(id, first == null ? Objects.requireNonNull(old) : first);
    }

    /** Directories that were moved into each other stay where ours has them. */
    private void breakCycle(int id) {
        Set<Integer> seen = new HashSet<>();
        @Nullable Integer at = id;
        while (at != null && seen.add(at)) {
            @Nullable Place place = merged.get(at);
            at = place == null ? null : place.parent;
        }
        if (at != null) {
            undecided.addAll(seen);
            seen.forEach(each -> merged.put(each, Objects.requireNonNullElse(ours.get(each), merged.get(each))));
        }
    }

    /** Where a directory of the base was renamed by a side and deleted by the other. */
    boolean isRenamedAndDeleted(TreePath old) {
        int id = base.get(old.toString()).fileId();
        return renamed.contains(id) && ours.containsKey(id) != theirs.containsKey(id);
    }

    /** Whether both renamed a directory of the base, to different places, or into each other. */
    boolean isUndecided(TreePath old) {
        return undecided.contains(base.get(old.toString()).fileId());
    }

    /** Whether there are such directories: then there is a conflict. */
    boolean isUndecided() {
        return !undecided.isEmpty();
    }

    /** The tree with neutral names for the directories that were renamed. */
    ModelTree neutral(ModelTree tree) {
        Map<TreePath, Integer> identities = identities(tree);
        Map<Integer, Place> places = places(tree);
        ModelTree neutral = new ModelTree();
        for (TreePath path : tree.paths(false)) {
            int directory = Objects.requireNonNull(identities.get(path.parent()));
            TreePath to = neutral(directory, places).child(path.name());
            for (int depth = 1; depth < to.names().size(); depth++) {
                TreePath above = TreePath.of(to.names().subList(0, depth));
                if (!neutral.entries().containsKey(above)) {
                    neutral.directory(above.toString(), -neutral.entries().size());
                }
            }
            neutral.put(to.toString(), tree.get(path.toString()));
        }
        return neutral;
    }

    private TreePath neutral(int directory, Map<Integer, Place> places) {
        List<Name> names = new ArrayList<>();
        for (int id = directory; places.containsKey(id); ) {
            if (renamed.contains(id)) {
                names.add(0, Name.of(NEUTRAL + id));
                break;
            }
            Place place = Objects.requireNonNull(places.get(id));
            names.add(0, place.name);
            id = place.parent;
        }
        return TreePath.of(names);
    }

    /** Git's result with the directories where they belong; null if two files come to one place so. */
    @Nullable
    SortedMap<String, GitFile> placed(SortedMap<String, GitFile> files) {
        SortedMap<String, GitFile> placed = new TreeMap<>();
        for (Map.Entry<String, GitFile> file : files.entrySet()) {
            if (placed.put(placedIn(file.getKey()), file.getValue()) != null) {
                return null;
            }
        }
        for (String path : placed.keySet()) {
            if (!placed.subMap(path + "/", path + "0").isEmpty()) {
                return null;
            }
        }
        return placed;
    }

    /** A text with each path of the neutral trees in it as what it belongs to. */
    String placedIn(String text) {
        return NAME.matcher(text).replaceAll(found -> path(Integer.parseInt(found.group(1))) + "/");
    }

    /** Where a path of the base belongs. */
    String ofBase(TreePath path) {
        int directory = base.get(path.parent().toString()).fileId();
        return placedIn(neutral(directory, before).child(path.name()).toString());
    }

    private TreePath path(int directory) {
        List<Name> names = new ArrayList<>();
        for (@Nullable Place at = merged.get(directory); at != null; at = merged.get(at.parent)) {
            names.add(0, at.name);
        }
        return TreePath.of(names);
    }
}

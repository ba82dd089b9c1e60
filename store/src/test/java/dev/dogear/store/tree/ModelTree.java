package dev.dogear.store.tree;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A tree as a plain map from path to entry, to compare the real ones with. Files of one file id are hard links of each
 * other. Directories' content and size are made when it is stored.
 */
public final class ModelTree {
    private final SortedMap<TreePath, TreeEntry> entries = new TreeMap<>();

    /** Only the root directory. */
    public ModelTree() {
        entries.put(TreePath.ROOT, Roots.EMPTY.directory());
    }

    /** A copy that changes by itself. */
    public ModelTree copy() {
        ModelTree copy = new ModelTree();
        copy.entries.putAll(entries);
        return copy;
    }

    /** All entries by path, the root's included. */
    public SortedMap<TreePath, TreeEntry> entries() {
        return entries;
    }

    /** The paths of one sort. */
    public List<TreePath> paths(boolean directories) {
        List<TreePath> paths = new ArrayList<>();
        entries.forEach((path, entry) -> {
            if ((entry.type() == EntryType.DIRECTORY) == directories) {
                paths.add(path);
            }
        });
        return paths;
    }

    /** A directory. */
    public ModelTree directory(String path, int fileId) {
        return put(path, TreeEntry.directory(fileId, Attributes.NONE.withMode(0755), 0, null));
    }

    /** A file with that text. */
    public ModelTree file(ObjectTable table, String path, int fileId, String text) {
        return put(path, content(table, TreeEntry.file(fileId, Attributes.NONE.withMode(0644), 0, null), text));
    }

    /** Sets or replaces an entry; the directory above must be there. */
    public ModelTree put(String path, TreeEntry entry) {
        return put(TreePath.parse(path), entry);
    }

    ModelTree put(TreePath path, TreeEntry entry) {
        Objects.requireNonNull(entries.get(path.parent()), () -> "no directory above " + path);
        entries.put(path, entry);
        return this;
    }

    /** The entry; it must be there. */
    public TreeEntry get(String path) {
        return Objects.requireNonNull(entries.get(TreePath.parse(path)), path);
    }

    /** Removes an entry and all below. */
    public ModelTree remove(String path) {
        entries.keySet().removeAll(below(TreePath.parse(path)));
        return this;
    }

    /** Moves an entry and all below. */
    public ModelTree move(String from, String to) {
        TreePath source = TreePath.parse(from);
        TreePath target = TreePath.parse(to);
        SortedMap<TreePath, TreeEntry> moved = new TreeMap<>();
        for (TreePath path : below(source)) {
            List<Name> names = new ArrayList<>(target.names());
            names.addAll(
                    path.names().subList(source.names().size(), path.names().size()));
            moved.put(TreePath.of(names), Objects.requireNonNull(entries.remove(path)));
        }
        remove(to);
        entries.putAll(moved);
        return this;
    }

    private List<TreePath> below(TreePath top) {
        return entries.keySet().stream().filter(path -> path.startsWith(top)).toList();
    }

    /** The entry with that text as its content. */
    public static TreeEntry content(ObjectTable table, TreeEntry entry, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        @Nullable
        ContentRef ref = new ContentWriter(table, bytes.length)
                .data(ByteBuffer.wrap(bytes))
                .finish();
        return entry.withContent(bytes.length, ref);
    }

    /** The tree in a table. */
    public Root store(ObjectTable table) {
        Map<Integer, TreeSet<TreePath>> byFileId = new HashMap<>();
        Map<TreePath, SortedMap<Name, Optional<TreeEntry>>> contents = new HashMap<>();
        List<TreePath> bottomUp = new ArrayList<>(entries.keySet());
        bottomUp.sort((left, right) ->
                Integer.compare(right.names().size(), left.names().size()));
        entries.forEach((path, entry) ->
                byFileId.computeIfAbsent(entry.fileId(), id -> new TreeSet<>()).add(path));
        Map<Integer, Optional<LinkedFile>> links = new HashMap<>();
        TreeEntry root = Roots.EMPTY.directory();
        for (TreePath path : bottomUp) {
            TreeEntry entry = Objects.requireNonNull(entries.get(path));
            if (entry.type() == EntryType.DIRECTORY) {
                entry = Trees.editDirectory(
                        table, entry.withContent(0, null), contents.getOrDefault(path, new TreeMap<>()));
            }
            TreeSet<TreePath> names = Objects.requireNonNull(byFileId.get(entry.fileId()));
            if (names.size() > 1) {
                links.put(entry.fileId(), Optional.of(new LinkedFile(entry, ImmutableSortedSet.copyOf(names))));
                entry = TreeEntry.linked(entry.fileId());
            }
            if (path.isRoot()) {
                root = entry;
            } else {
                contents.computeIfAbsent(path.parent(), above -> new TreeMap<>())
                        .put(path.name(), Optional.of(entry));
            }
        }
        return new Root(root, LinkTable.edit(table, null, links), null);
    }

    /** What a stored tree holds, linked files resolved; directories without content and size. */
    public static ModelTree load(ObjectTable table, Root root) {
        ModelTree model = new ModelTree();
        model.load(table, root, TreePath.ROOT, root.directory());
        return model;
    }

    private void load(ObjectTable table, Root root, TreePath path, TreeEntry entry) {
        TreeEntry resolved = Trees.resolve(table, root, entry);
        if (resolved.type() != EntryType.DIRECTORY) {
            entries.put(path, resolved);
            return;
        }
        entries.put(path, resolved.withContent(0, null));
        Trees.list(table, entry.content(), 0, (name, child) -> {
            load(table, root, path.child(name), child);
            return true;
        });
    }
}

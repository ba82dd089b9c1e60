package dev.dogear.store.tree;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** A path below a repository's root directory: the names from the root down; empty for the root itself. */
public record TreePath(ImmutableList<Name> names) implements Comparable<TreePath> {
    /** The root directory. */
    public static final TreePath ROOT = new TreePath(ImmutableList.of());

    /** The path of those names. */
    public static TreePath of(List<Name> names) {
        return new TreePath(ImmutableList.copyOf(names));
    }

    /**
     * Parses {@code a/b/c}; the empty text is the root.
     *
     * @throws IllegalArgumentException if a part is empty or no legal name
     */
    public static TreePath parse(String text) {
        if (text.isEmpty()) {
            return ROOT;
        }
        ImmutableList.Builder<Name> names = ImmutableList.builder();
        for (String part : text.split("/", -1)) {
            names.add(Name.of(part.getBytes(StandardCharsets.UTF_8)));
        }
        return new TreePath(names.build());
    }

    /** The path of {@code name} in the directory at this path. */
    public TreePath child(Name name) {
        return new TreePath(
                ImmutableList.<Name>builder().addAll(names).add(name).build());
    }

    /** Whether this is the root directory. */
    public boolean isRoot() {
        return names.isEmpty();
    }

    /** The last name; not for the root. */
    public Name name() {
        return names.get(names.size() - 1);
    }

    /** The directory above; not for the root. */
    public TreePath parent() {
        return new TreePath(names.subList(0, names.size() - 1));
    }

    /** Whether this path is {@code ancestor} or lies below it. */
    public boolean startsWith(TreePath ancestor) {
        return names.size() >= ancestor.names.size()
                && names.subList(0, ancestor.names.size()).equals(ancestor.names);
    }

    /** As people sort paths: by unsigned bytes, part by part. */
    @Override
    public int compareTo(TreePath other) {
        int common = Math.min(names.size(), other.names.size());
        for (int i = 0; i < common; i++) {
            int order = java.util.Arrays.compareUnsigned(
                    names.get(i).toBytes(), other.names.get(i).toBytes());
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(names.size(), other.names.size());
    }

    /** {@code a/b/c} in UTF-8, malformed bytes replaced. */
    @Override
    public String toString() {
        return names.stream().map(Name::toString).collect(Collectors.joining("/"));
    }
}

package dev.dogear.store.tree.conflict;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A path for which a merge has no single answer: one base and two sides, or more of both after conflicts were merged
 * again (one base less than sides). Read it as a sum: the first side, less the first base, plus the second side, and so on.
 *
 * @param path where it shows in the merged tree, or would
 * @param kinds why
 * @param bases what the sides began with
 * @param sides what they made of it; ours first, then theirs
 * @param markerLength how long the markers are that the text at the path has; 0 if it has none
 */
public record Conflict(
        TreePath path,
        ImmutableSortedSet<Kind> kinds,
        ImmutableList<Version> bases,
        ImmutableList<Version> sides,
        int markerLength) {
    /** Why there is no single answer. The code is stored, a bit of a set: never change one. */
    public enum Kind {
        /** Both edited the same lines. */
        CONTENT(1 << 0),
        /** Both edited what is not text, or too large for it. */
        BINARY(1 << 1),
        /** Both gave a symbolic link or device another target. */
        TARGET(1 << 2),
        /** One made another type of file of what the other edited. */
        TYPE(1 << 3),
        /** Both changed the mode. */
        MODE(1 << 4),
        /** Both changed the owner, the group or the same extended attribute. */
        ATTRIBUTE(1 << 5),
        /** Both put different files at the same place. */
        ADD_ADD(1 << 6),
        /** One edited what the other deleted. */
        MODIFY_DELETE(1 << 7),
        /** One renamed what the other deleted. */
        RENAME_DELETE(1 << 8),
        /** Both renamed it, to different places. */
        RENAME_RENAME(1 << 9),
        /** A file of one side is where the other has a directory. */
        FILE_DIRECTORY(1 << 10);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The bit that stands for this kind on disk. */
        int code() {
            return code;
        }

        /** As people and programs see it: {@code add/add}, {@code modify/delete}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '/');
        }
    }

    /**
     * One state.
     *
     * @param path where that side has it, or would
     * @param entry resolved, never LINKED; null if it is not there
     */
    public record Version(TreePath path, @Nullable TreeEntry entry) {
        /** Equal in all that a merge compares. */
        public boolean sameState(Version other) {
            if (entry == null || other.entry == null) {
                return entry == null && other.entry == null;
            }
            return entry.sameState(other.entry);
        }
    }

    /** The kinds as people see them. */
    public String text() {
        return kinds.stream().map(Kind::text).collect(Collectors.joining(", "));
    }

    /** What both sides began with; null if nothing. */
    public @Nullable Version base() {
        return present(bases.get(0));
    }

    /** What our side made of it; null if deleted. */
    public @Nullable Version ours() {
        return present(sides.get(0));
    }

    /** What their side made of it; null if deleted. */
    public @Nullable Version theirs() {
        return present(sides.get(1));
    }

    private static @Nullable Version present(Version version) {
        return version.entry() == null ? null : version;
    }

    /** Whether it is about places, not about what is there. */
    public boolean isOfPlaces() {
        return kinds.contains(Kind.RENAME_RENAME) || kinds.contains(Kind.FILE_DIRECTORY);
    }

    /** Whether both are the same but for times and file ids. */
    public boolean sameTerms(Conflict other) {
        return kinds.equals(other.kinds) && same(bases, other.bases) && same(sides, other.sides);
    }

    private static boolean same(ImmutableList<Version> left, ImmutableList<Version> right) {
        boolean same = left.size() == right.size();
        for (int i = 0; same && i < left.size(); i++) {
            same = left.get(i).sameState(right.get(i));
        }
        return same;
    }

    /** The same conflict, shown elsewhere. */
    public Conflict at(TreePath newPath) {
        return new Conflict(newPath, kinds, bases, sides, markerLength);
    }

    /** The same conflict without some reasons; null if none is left. */
    public @Nullable Conflict without(java.util.Set<Kind> settled) {
        ImmutableSortedSet<Kind> left = ImmutableSortedSet.copyOf(
                kinds.stream().filter(kind -> !settled.contains(kind)).toList());
        return left.isEmpty() ? null : new Conflict(path, left, bases, sides, markerLength);
    }
}

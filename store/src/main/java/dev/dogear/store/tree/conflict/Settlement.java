package dev.dogear.store.tree.conflict;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict.Kind;
import dev.dogear.store.tree.text.Markers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which conflicts edits have settled. A path is settled when it was deleted, or written without the markers it had; where
 * it had none, by any writing. A change of mode or owner settles conflicts about these. A renamed path takes its conflict
 * along, unless that was about places.
 */
public final class Settlement {
    /** Larger content has no markers of ours. */
    private static final long TEXT_BYTES_MAX = 64 << 20;

    private static final Set<Kind> OF_ATTRIBUTES = EnumSet.of(Kind.MODE, Kind.ATTRIBUTE);

    private final ObjectTable table;
    private final Root before;
    private final Root now;
    private @Nullable List<PathChange> changes;

    private Settlement(ObjectTable table, Root before, Root now) {
        this.table = table;
        this.before = before;
        this.now = now;
    }

    /** The root {@code now}, which edits have made of {@code before}, with the conflicts that are left. */
    public static Root after(ObjectTable table, Root before, Root now) {
        return before.conflicts() == null ? now.withConflicts(null) : new Settlement(table, before, now).run();
    }

    private Root run() {
        var conflicts = ConflictList.of(table, before).values();
        List<Conflict> left = new ArrayList<>();
        boolean changed = false;
        for (Conflict conflict : conflicts) {
            @Nullable Conflict still = left(conflict);
            changed |= !conflict.equals(still);
            if (still != null) {
                left.add(still);
            }
        }
        return changed ? ConflictList.with(table, now, left) : now.withConflicts(before.conflicts());
    }

    private @Nullable Conflict left(Conflict conflict) {
        @Nullable TreeEntry was = entry(before, conflict.path());
        if (was == null) {
            return conflict;
        }
        @Nullable TreeEntry is = entry(now, conflict.path());
        Conflict at = conflict;
        if (is == null) {
            @Nullable TreePath moved = conflict.isOfPlaces() ? null : moved(conflict.path());
            if (moved == null) {
                return null;
            }
            at = conflict.at(moved);
            is = entry(now, moved);
        }
        if (is == null || isCopyGone(conflict)) {
            return null;
        }
        if (is.equals(was)) {
            return at;
        }
        if (isWritten(conflict, was, is)) {
            return isMarked(conflict, is) ? at : null;
        }
        return was.attributes().sameButTimes(is.attributes()) ? at : at.without(OF_ATTRIBUTES);
    }

    private static boolean isWritten(Conflict conflict, TreeEntry was, TreeEntry is) {
        if (is.type() == EntryType.DIRECTORY && was.type() == EntryType.DIRECTORY) {
            return false;
        }
        // The same bytes written once more say that these are the answer, but only where no marker says otherwise.
        boolean again = conflict.markerLength() == 0
                && !OF_ATTRIBUTES.containsAll(conflict.kinds())
                && !(was.attributes().mtime().equals(is.attributes().mtime()) && was.fileId() == is.fileId());
        return again || !was.sameContent(is);
    }

    private boolean isMarked(Conflict conflict, TreeEntry is) {
        if (conflict.markerLength() == 0 || is.type() != EntryType.FILE || is.size() > TEXT_BYTES_MAX) {
            return false;
        }
        byte[] bytes = new byte[(int) is.size()];
        new StoredContent(table, is.content(), is.size()).read(0, ByteBuffer.wrap(bytes));
        return Markers.isIn(bytes, conflict.markerLength());
    }

    /** Whether somebody chose between the two names of a file by deleting the other one. */
    private boolean isCopyGone(Conflict conflict) {
        TreePath copy = conflict.sides().get(1).path();
        return conflict.kinds().contains(Kind.RENAME_RENAME)
                && !copy.equals(conflict.path())
                && entry(before, copy) != null
                && entry(now, copy) == null;
    }

    private @Nullable TreePath moved(TreePath path) {
        List<PathChange> found = changes;
        if (found == null) {
            found = TreeDiff.between(table, before, now);
            changes = found;
        }
        for (TreePath at = path; !at.isRoot(); at = at.parent()) {
            for (PathChange change : found) {
                if (at.equals(change.oldPath()) && change.before() != null) {
                    return change.after() == null ? null : below(change.path(), path, at);
                }
            }
        }
        return null;
    }

    private static TreePath below(TreePath moved, TreePath path, TreePath top) {
        TreePath result = moved;
        for (var name : path.names().subList(top.names().size(), path.names().size())) {
            result = result.child(name);
        }
        return result;
    }

    private @Nullable TreeEntry entry(Root root, TreePath path) {
        @Nullable TreeEntry entry = Trees.find(table, root, path);
        return entry == null ? null : Trees.resolve(table, root, entry);
    }
}

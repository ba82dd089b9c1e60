package dev.dogear.store.tree.conflict;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict.Kind;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Decides conflicted paths of a root: each method answers the root with that path decided. */
public final class Resolution {
    private final ObjectTable table;
    private final Timestamp time;
    private final IntSupplier fileIds;

    /**
     * Decisions of that time.
     *
     * @param fileIds gives a file id no file of the repository ever had
     */
    public Resolution(ObjectTable table, Timestamp time, IntSupplier fileIds) {
        this.table = table;
        this.time = time;
        this.fileIds = fileIds;
    }

    /** Which state is the answer. */
    public enum Take {
        /** The one of the bookmark merged into. */
        OURS,
        /** The one that was merged. */
        THEIRS,
        /** What both began with. */
        BASE
    }

    /** @throws StoreException NOT_FOUND if that path is not conflicted */
    public Conflict conflict(Root root, TreePath path) {
        Conflict conflict = ConflictList.of(table, root).get(path);
        if (conflict == null) {
            throw new StoreException(StoreException.Kind.NOT_FOUND, "The path " + path + " is not conflicted.");
        }
        return conflict;
    }

    /** What shows there is the answer. */
    public Root accept(Root root, TreePath path) {
        conflict(root, path);
        return without(root, root, path);
    }

    /** Those bytes are the answer, whatever was there; the mode is that of what shows, or of the first file among the sides. */
    public Root content(Root root, TreePath path, byte[] bytes) {
        Conflict conflict = conflict(root, path);
        PathEdits edits = new PathEdits(table, root, time);
        @Nullable TreeEntry shown = edits.entry(path);
        if (shown != null && shown.type() == EntryType.DIRECTORY) {
            throw new StoreException(StoreException.Kind.INVALID, "There is a directory at " + path + ".");
        }
        @Nullable
        ContentRef content = new ContentWriter(table, bytes.length)
                .data(ByteBuffer.wrap(bytes))
                .finish();
        TreeEntry answer = TreeEntry.file(0, attributes(conflict, shown), bytes.length, content);
        edits.put(path, answer.withFileId(fileId(shown, answer)));
        return without(edits.build(), root, path);
    }

    private static Attributes attributes(Conflict conflict, @Nullable TreeEntry shown) {
        if (shown != null && shown.type() == EntryType.FILE) {
            return shown.attributes();
        }
        for (Version side : conflict.sides()) {
            if (side.entry() != null && side.entry().type() == EntryType.FILE) {
                return side.entry().attributes();
            }
        }
        return Attributes.NONE.withMode(0644);
    }

    /** One of the states is the answer, be it that there is nothing. */
    public Root take(Root root, TreePath path, Take which) {
        Conflict conflict = conflict(root, path);
        Version version =
                switch (which) {
                    case OURS -> conflict.sides().get(0);
                    case THEIRS -> conflict.sides().get(1);
                    case BASE -> conflict.bases().get(0);
                };
        PathEdits edits = new PathEdits(table, root, time);
        if (conflict.kinds().contains(Kind.FILE_DIRECTORY)) {
            takeFileOrDirectory(edits, conflict, version, which);
        } else {
            takeVersion(edits, conflict, version);
        }
        return without(edits.build(), root, path);
    }

    private void takeVersion(PathEdits edits, Conflict conflict, Version version) {
        TreePath path = conflict.path();
        TreePath copy = conflict.sides().get(1).path();
        TreePath to = place(edits, conflict, version);
        boolean twice = conflict.kinds().contains(Kind.RENAME_RENAME) && !copy.equals(path);
        if (twice && !copy.equals(to) && edits.entry(copy) != null) {
            edits.remove(copy);
        }
        @Nullable TreeEntry shown = edits.entry(path);
        @Nullable TreeEntry wanted = version.entry();
        if (shown != null && wanted != null && shown.type() == EntryType.DIRECTORY) {
            // What is in it was decided by itself.
            edits.move(path, to, wanted.attributes());
            return;
        }
        if (shown != null && (wanted == null || !to.equals(path))) {
            edits.remove(path);
        }
        if (wanted != null && wanted.type() != EntryType.DIRECTORY) {
            edits.put(to, wanted.withFileId(fileId(shown, wanted)));
        }
    }

    /** A file that shows goes on to be the answer if it can. */
    private int fileId(@Nullable TreeEntry shown, TreeEntry wanted) {
        return shown != null && shown.canBecome(wanted) ? shown.fileId() : fileIds.getAsInt();
    }

    /** Where that state is: a side's place if the sides differ in it and nothing else came there. */
    private static TreePath place(PathEdits edits, Conflict conflict, Version version) {
        TreePath path = conflict.path();
        TreePath to = version.path();
        boolean ofRename = conflict.kinds().contains(Kind.RENAME_RENAME)
                || conflict.kinds().contains(Kind.RENAME_DELETE);
        if (!ofRename || version.entry() == null || to.isRoot() || to.startsWith(path)) {
            return path;
        }
        boolean kept = conflict.kinds().contains(Kind.RENAME_RENAME)
                && to.equals(conflict.sides().get(1).path());
        return edits.isDirectory(to.parent()) && (kept || edits.entry(to) == null) ? to : path;
    }

    /** The file is aside; either it stays away, or it comes where the directory is. */
    private static void takeFileOrDirectory(PathEdits edits, Conflict conflict, Version version, Take which) {
        @Nullable TreeEntry wanted = version.entry();
        if (which == Take.BASE || wanted == null) {
            throw new StoreException(
                    StoreException.Kind.INVALID,
                    "There was nothing at " + conflict.path()
                            + " to begin with: take ours or theirs, or move one away.");
        }
        @Nullable TreeEntry file = edits.entry(conflict.path());
        edits.remove(conflict.path());
        if (wanted.type() != EntryType.DIRECTORY && file != null) {
            edits.remove(version.path());
            edits.put(version.path(), file);
        }
    }

    private Root without(Root edited, Root before, TreePath path) {
        SortedMap<TreePath, Conflict> conflicts = ConflictList.of(table, before);
        conflicts.remove(path);
        return ConflictList.with(table, edited, conflicts.values());
    }
}

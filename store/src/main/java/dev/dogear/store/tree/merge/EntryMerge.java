package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.tree.text.TextDiff;
import dev.dogear.store.tree.text.TextMerge;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Merges what two sides made of one file or directory: content, mode, owner and extended attributes each by itself. */
final class EntryMerge {
    /** Larger content is not looked at as text. */
    static final long TEXT_BYTES_MAX = 32 << 20;

    private final ObjectTable table;
    private final TextMerge.Labels labels;

    EntryMerge(ObjectTable table, TextMerge.Labels labels) {
        this.table = table;
        this.labels = labels;
    }

    /** The merged entry, with ours where there is no single answer, and why there is none. */
    record Merged(TreeEntry entry, Set<Conflict.Kind> conflicts) {}

    /** Merges two states of what was {@code base}; file id and times are those of ours. */
    Merged merge(TreeEntry base, TreeEntry ours, TreeEntry theirs) {
        Set<Conflict.Kind> conflicts = EnumSet.noneOf(Conflict.Kind.class);
        if (ours.type() != theirs.type()) {
            return ofTypes(base, ours, theirs, conflicts);
        }
        TreeEntry merged = ours.type() == EntryType.DIRECTORY ? ours : content(base, ours, theirs, conflicts);
        return new Merged(
                merged.withAttributes(attributes(base.attributes(), ours.attributes(), theirs.attributes(), conflicts)),
                conflicts);
    }

    /** One side at least made another type of file of it: its state is taken whole, if the other left the file alone. */
    private static Merged ofTypes(TreeEntry base, TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        if (base.sameState(ours)) {
            return new Merged(like(ours, theirs, theirs.attributes()), conflicts);
        }
        if (!base.sameState(theirs)) {
            conflicts.add(Conflict.Kind.TYPE);
        }
        return new Merged(ours, conflicts);
    }

    /** What both sides added at one place: the same state, or a conflict. Owners are no reason for one. */
    Merged mergeAdded(TreeEntry ours, TreeEntry theirs) {
        Set<Conflict.Kind> conflicts = EnumSet.noneOf(Conflict.Kind.class);
        boolean same = ours.sameContent(theirs)
                && ours.attributes().mode() == theirs.attributes().mode();
        if (ours.type() != EntryType.DIRECTORY && !same) {
            conflicts.add(Conflict.Kind.ADD_ADD);
            return new Merged(ours, conflicts);
        }
        Xattrs xattrs = xattrs(
                Xattrs.NONE, ours.attributes().xattrs(), theirs.attributes().xattrs(), conflicts);
        return new Merged(ours.withAttributes(ours.attributes().withXattrs(xattrs)), conflicts);
    }

    private TreeEntry content(TreeEntry base, TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        if (base.sameContent(theirs) || ours.sameContent(theirs)) {
            return ours;
        }
        if (base.sameContent(ours)) {
            return like(ours, theirs, ours.attributes());
        }
        if (base.type() != ours.type()) {
            conflicts.add(Conflict.Kind.TYPE);
            return ours;
        }
        if (ours.type() != EntryType.FILE) {
            conflicts.add(Conflict.Kind.TARGET);
            return ours;
        }
        return text(base, ours, theirs, conflicts);
    }

    /** The file {@code file} with the type and content of another. */
    private static TreeEntry like(TreeEntry file, TreeEntry content, Attributes attributes) {
        return new TreeEntry(
                file.fileId(), content.type(), attributes, content.size(), content.content(), content.payload());
    }

    private TreeEntry text(TreeEntry base, TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        byte @Nullable [] baseText = textOf(base);
        byte @Nullable [] oursText = textOf(ours);
        byte @Nullable [] theirsText = textOf(theirs);
        if (baseText == null || oursText == null || theirsText == null) {
            conflicts.add(Conflict.Kind.BINARY);
            return ours;
        }
        TextMerge.Merged merged = TextMerge.merge(baseText, oursText, theirsText, labels);
        if (!merged.isClean()) {
            conflicts.add(Conflict.Kind.CONTENT);
            return ours;
        }
        byte[] bytes = merged.content();
        @Nullable
        ContentRef content = new ContentWriter(table, bytes.length)
                .data(ByteBuffer.wrap(bytes))
                .finish();
        return ours.withContent(bytes.length, content);
    }

    private byte @Nullable [] textOf(TreeEntry file) {
        if (file.size() > TEXT_BYTES_MAX) {
            return null;
        }
        byte[] bytes = new byte[(int) file.size()];
        new StoredContent(table, file.content(), file.size()).read(0, ByteBuffer.wrap(bytes));
        return TextDiff.isBinary(bytes) ? null : bytes;
    }

    private static Attributes attributes(
            Attributes base, Attributes ours, Attributes theirs, Set<Conflict.Kind> conflicts) {
        int mode = number(base.mode(), ours.mode(), theirs.mode(), Conflict.Kind.MODE, conflicts);
        int uid = number(base.uid(), ours.uid(), theirs.uid(), Conflict.Kind.ATTRIBUTE, conflicts);
        int gid = number(base.gid(), ours.gid(), theirs.gid(), Conflict.Kind.ATTRIBUTE, conflicts);
        Xattrs xattrs = xattrs(base.xattrs(), ours.xattrs(), theirs.xattrs(), conflicts);
        return ours.withMode(mode).withOwner(uid, gid).withXattrs(xattrs);
    }

    private static int number(int base, int ours, int theirs, Conflict.Kind kind, Set<Conflict.Kind> conflicts) {
        if (base == ours || ours == theirs) {
            return theirs;
        }
        if (base != theirs) {
            conflicts.add(kind);
        }
        return ours;
    }

    private static Xattrs xattrs(Xattrs base, Xattrs ours, Xattrs theirs, Set<Conflict.Kind> conflicts) {
        Set<String> names = new TreeSet<>(ours.asMap().keySet());
        names.addAll(theirs.asMap().keySet());
        Map<String, byte[]> merged = new TreeMap<>();
        for (String name : names) {
            byte @Nullable [] old = base.get(name);
            byte @Nullable [] left = ours.get(name);
            byte @Nullable [] right = theirs.get(name);
            boolean takeTheirs = Arrays.equals(old, left) || Arrays.equals(left, right);
            if (!takeTheirs && !Arrays.equals(old, right)) {
                conflicts.add(Conflict.Kind.ATTRIBUTE);
            }
            byte @Nullable [] value = takeTheirs ? right : left;
            if (value != null) {
                merged.put(name, value);
            }
        }
        return Xattrs.of(merged);
    }
}

package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.Conflict.Version;
import dev.dogear.store.tree.text.Markers;
import dev.dogear.store.tree.text.TextDiff;
import dev.dogear.store.tree.text.TextMerge;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
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
    private final boolean ofBases;

    EntryMerge(ObjectTable table, MergeOptions options) {
        this.table = table;
        this.labels = new TextMerge.Labels(options.oursName(), "base", options.theirsName());
        this.ofBases = options.ofBases();
    }

    /**
     * The merged entry; where there is no single answer it has text with markers, or ours.
     *
     * @param conflicts why there is none
     * @param markerLength of the markers in its text, 0 if there are none
     */
    record Merged(TreeEntry entry, Set<Conflict.Kind> conflicts, int markerLength) {
        static Merged of(TreeEntry entry, Set<Conflict.Kind> conflicts) {
            return new Merged(entry, conflicts, 0);
        }
    }

    /** Merges two states of what was {@code base}; file id and times are those of ours. */
    Merged merge(TreeEntry base, TreeEntry ours, TreeEntry theirs) {
        Set<Conflict.Kind> conflicts = EnumSet.noneOf(Conflict.Kind.class);
        if (ours.type() != theirs.type()) {
            return ofTypes(base, ours, theirs, conflicts);
        }
        Merged merged = ours.type() == EntryType.DIRECTORY
                ? Merged.of(ours, conflicts)
                : content(base, ours, theirs, conflicts);
        Attributes attributes = attributes(base.attributes(), ours.attributes(), theirs.attributes(), conflicts);
        return new Merged(merged.entry().withAttributes(attributes), conflicts, merged.markerLength());
    }

    /** One side at least made another type of file of it: its state is taken whole, if the other left the file alone. */
    private Merged ofTypes(TreeEntry base, TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        if (base.sameState(ours)) {
            return Merged.of(like(ours, theirs, theirs.attributes()), conflicts);
        }
        if (base.sameState(theirs)) {
            return Merged.of(ours, conflicts);
        }
        conflicts.add(Conflict.Kind.TYPE);
        return Merged.of(unanswered(base, ours), conflicts);
    }

    /** What is there without an answer: ours; in a base, what that began with, so that each side's is an edit. */
    private TreeEntry unanswered(TreeEntry base, TreeEntry ours) {
        return ofBases ? like(ours, base, ours.attributes()) : ours;
    }

    /** What both sides added at one place: the same state, or a conflict. Owners are no reason for one. */
    Merged mergeAdded(TreeEntry ours, TreeEntry theirs) {
        Set<Conflict.Kind> conflicts = EnumSet.noneOf(Conflict.Kind.class);
        boolean same = ours.sameContent(theirs)
                && ours.attributes().mode() == theirs.attributes().mode();
        if (ours.type() != EntryType.DIRECTORY && !same) {
            conflicts.add(Conflict.Kind.ADD_ADD);
            return added(ours, theirs, conflicts);
        }
        Xattrs xattrs = xattrs(
                Xattrs.NONE, ours.attributes().xattrs(), theirs.attributes().xattrs(), conflicts);
        return Merged.of(ours.withAttributes(ours.attributes().withXattrs(xattrs)), conflicts);
    }

    private Merged added(TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        byte @Nullable [] oursText = textOf(ours);
        byte @Nullable [] theirsText = textOf(theirs);
        if (oursText == null || theirsText == null || Arrays.equals(oursText, theirsText)) {
            return Merged.of(ours, conflicts);
        }
        return text(TextMerge.merge(new byte[0], oursText, theirsText, labels), ours, conflicts);
    }

    private Merged content(TreeEntry base, TreeEntry ours, TreeEntry theirs, Set<Conflict.Kind> conflicts) {
        if (base.sameContent(theirs) || ours.sameContent(theirs)) {
            return Merged.of(ours, conflicts);
        }
        if (base.sameContent(ours)) {
            return Merged.of(like(ours, theirs, ours.attributes()), conflicts);
        }
        boolean retyped = base.type() != ours.type();
        if (ours.type() != EntryType.FILE) {
            conflicts.add(retyped ? Conflict.Kind.TYPE : Conflict.Kind.TARGET);
            return Merged.of(unanswered(base, ours), conflicts);
        }
        // Both made a file of something else: then nothing of either was there before.
        byte @Nullable [] baseText = retyped ? new byte[0] : textOf(base);
        byte @Nullable [] oursText = textOf(ours);
        byte @Nullable [] theirsText = textOf(theirs);
        if (baseText == null || oursText == null || theirsText == null) {
            conflicts.add(Conflict.Kind.BINARY);
            return Merged.of(unanswered(base, ours), conflicts);
        }
        TextMerge.Merged merged = TextMerge.merge(baseText, oursText, theirsText, labels);
        if (!merged.isClean()) {
            conflicts.add(Conflict.Kind.CONTENT);
        }
        return text(merged, ours, conflicts);
    }

    /** The file {@code file} with the type and content of another. */
    private static TreeEntry like(TreeEntry file, TreeEntry content, Attributes attributes) {
        return new TreeEntry(
                file.fileId(), content.type(), attributes, content.size(), content.content(), content.payload());
    }

    private Merged text(TextMerge.Merged merged, TreeEntry ours, Set<Conflict.Kind> conflicts) {
        if (merged.isClean()) {
            return Merged.of(stored(ours, merged.content()), conflicts);
        }
        return ofBases
                ? Merged.of(stored(ours, merged.asBase()), conflicts)
                : new Merged(
                        stored(ours, merged.content()),
                        conflicts,
                        merged.markers().length());
    }

    private TreeEntry stored(TreeEntry file, byte[] bytes) {
        @Nullable
        ContentRef content = new ContentWriter(table, bytes.length)
                .data(ByteBuffer.wrap(bytes))
                .finish();
        return file.withContent(bytes.length, content);
    }

    /** What shows three and more sides: text with markers if all are text, else the first there is. */
    @Nullable
    Merged several(Terms terms, Set<Conflict.Kind> kinds) {
        List<byte[]> sides = texts(terms.sides());
        List<byte[]> bases = texts(terms.bases());
        TreeEntry first = terms.sides().stream()
                .map(Version::entry)
                .filter(entry -> entry != null)
                .findFirst()
                .orElse(null);
        if (first == null) {
            return null;
        }
        if (sides.size() < terms.sides().size() || bases.size() < terms.bases().size()) {
            return Merged.of(first, kinds);
        }
        Markers.Several shown = Markers.several(sides, bases, labels);
        return new Merged(stored(first, shown.content()), kinds, shown.markerLength());
    }

    private List<byte[]> texts(List<Version> versions) {
        List<byte[]> texts = new ArrayList<>();
        for (Version version : versions) {
            byte @Nullable [] text = version.entry() == null ? null : textOf(version.entry());
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** A conflicted path as the base of a merge: no marker of its text is ever within other markers. */
    TreeEntry asBase(Conflict conflict, TreeEntry shown) {
        if (conflict.markerLength() == 0) {
            TreeEntry base = conflict.bases().get(0).entry();
            return base == null ? shown : base;
        }
        TreeEntry base = conflict.bases().get(0).entry();
        TreeEntry ours = conflict.sides().get(0).entry();
        TreeEntry theirs = conflict.sides().get(1).entry();
        byte @Nullable [] baseText = base == null ? new byte[0] : textOf(base);
        byte @Nullable [] oursText = ours == null ? null : textOf(ours);
        byte @Nullable [] theirsText = theirs == null ? null : textOf(theirs);
        if (baseText == null || oursText == null || theirsText == null) {
            return shown;
        }
        return stored(
                shown, TextMerge.merge(baseText, oursText, theirsText, labels).asBase());
    }

    private byte @Nullable [] textOf(TreeEntry file) {
        if (file.type() != EntryType.FILE || file.size() > TEXT_BYTES_MAX) {
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

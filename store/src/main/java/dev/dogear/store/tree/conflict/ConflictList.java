package dev.dogear.store.tree.conflict;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.StoreException;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.object.Varint;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryCodec;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict.Kind;
import dev.dogear.store.tree.conflict.Conflict.Version;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The conflicts of a root as content: a byte of format, their number, then each in path order as path, set of kinds (a
 * bit each), length of markers, number of bases, the bases, the sides (one more). A version is a path, a byte that says
 * whether there is an entry, and the entry.
 */
public final class ConflictList {
    private static final int VERSION = 0x01;
    private static final Kind[] KINDS = Kind.values();

    private ConflictList() {}

    /** The conflicts of a root, by path. */
    public static SortedMap<TreePath, Conflict> of(ObjectTable table, Root root) {
        SortedMap<TreePath, Conflict> conflicts = new TreeMap<>();
        TreeEntry stored = root.conflicts();
        if (stored != null) {
            ByteBuffer in = ByteBuffer.allocate((int) stored.size());
            new StoredContent(table, stored.content(), stored.size()).read(0, in);
            decode(in.rewind()).forEach(conflict -> conflicts.put(conflict.path(), conflict));
        }
        return conflicts;
    }

    /** The root with those conflicts, one a path, and no others. */
    public static Root with(ObjectTable table, Root root, Collection<Conflict> conflicts) {
        if (conflicts.isEmpty()) {
            return root.withConflicts(null);
        }
        SortedMap<TreePath, Conflict> sorted = new TreeMap<>();
        conflicts.forEach(conflict -> sorted.put(conflict.path(), conflict));
        ByteBuffer bytes = encode(sorted.values());
        long size = bytes.remaining();
        ContentRef content = new ContentWriter(table, size).data(bytes).finish();
        return root.withConflicts(TreeEntry.file(0, Attributes.NONE, size, content));
    }

    static ByteBuffer encode(Collection<Conflict> conflicts) {
        Output out = new Output(256 * conflicts.size());
        out.u8(VERSION).varint(conflicts.size());
        for (Conflict conflict : conflicts) {
            EntryCodec.writePath(out, conflict.path());
            int kinds = 0;
            for (Kind kind : conflict.kinds()) {
                kinds |= kind.code();
            }
            out.varint(kinds)
                    .varint(conflict.markerLength())
                    .varint(conflict.bases().size());
            conflict.bases().forEach(version -> write(out, version));
            conflict.sides().forEach(version -> write(out, version));
        }
        return ByteBuffer.wrap(out.toBytes());
    }

    private static void write(Output out, Version version) {
        TreeEntry entry = version.entry();
        EntryCodec.writePath(out, version.path());
        out.u8(entry == null ? 0 : 1);
        if (entry != null) {
            EntryCodec.write(out, entry);
        }
    }

    /** @throws StoreException of kind CORRUPT or NEWER_FORMAT */
    static ImmutableList<Conflict> decode(ByteBuffer in) {
        try {
            int version = in.get() & 0xFF;
            if (version != VERSION) {
                throw new StoreException(
                        StoreException.Kind.NEWER_FORMAT, "Unknown format of a list of conflicts: " + version);
            }
            ImmutableList.Builder<Conflict> conflicts = ImmutableList.builder();
            for (int left = Varint.readInt(in); left > 0; left--) {
                TreePath path = EntryCodec.readPath(in);
                ImmutableSortedSet<Kind> kinds = kinds(Varint.readInt(in));
                int markerLength = Varint.readInt(in);
                int bases = Varint.readInt(in);
                conflicts.add(
                        new Conflict(path, kinds, readVersions(in, bases), readVersions(in, bases + 1), markerLength));
            }
            return conflicts.build();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Malformed list of conflicts", e);
        }
    }

    private static ImmutableSortedSet<Kind> kinds(int bits) {
        ImmutableSortedSet.Builder<Kind> kinds = ImmutableSortedSet.naturalOrder();
        if (bits == 0 || bits >>> KINDS.length != 0) {
            throw new IllegalArgumentException("no kinds of conflicts are " + bits);
        }
        for (Kind kind : KINDS) {
            if ((bits & kind.code()) != 0) {
                kinds.add(kind);
            }
        }
        return kinds.build();
    }

    private static ImmutableList<Version> readVersions(ByteBuffer in, int count) {
        ImmutableList.Builder<Version> versions = ImmutableList.builder();
        for (int left = count; left > 0; left--) {
            TreePath path = EntryCodec.readPath(in);
            @Nullable TreeEntry entry = in.get() == 0 ? null : EntryCodec.read(in);
            versions.add(new Version(path, entry));
        }
        return versions.build();
    }
}

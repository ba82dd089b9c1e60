package dev.dogear.store.tree;

import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an entry: a byte of type, kind of content and flags; the file id; and, but for LINKED, mode, owner, group,
 * times (ctime relative to mtime), size, then content id, extended attributes and payload as the flags say.
 */
public final class EntryCodec {
    private static final int TYPE_MASK = 0x0F;
    private static final int CONTENT_SHIFT = 4;
    private static final int CONTENT_MASK = 0x03;
    private static final int XATTRS_FLAG = 0x40;
    private static final int PAYLOAD_FLAG = 0x80;

    private EntryCodec() {}

    /** Writes the entry; its bytes carry their own end. */
    public static void write(Output out, TreeEntry entry) {
        @Nullable ContentRef content = entry.content();
        Attributes attributes = entry.attributes();
        int head = entry.type().code();
        head |= content == null ? 0 : content.kind().code() << CONTENT_SHIFT;
        head |= attributes.xattrs().isEmpty() ? 0 : XATTRS_FLAG;
        head |= entry.payload().length == 0 ? 0 : PAYLOAD_FLAG;
        out.u8(head).varint(Integer.toUnsignedLong(entry.fileId()));
        if (entry.type() == EntryType.LINKED) {
            return;
        }
        writeAttributes(out, attributes);
        out.varint(entry.size());
        if (content != null) {
            out.id(content.id());
        }
        if (!attributes.xattrs().isEmpty()) {
            writeXattrs(out, attributes.xattrs());
        }
        if (entry.payload().length > 0) {
            out.counted(entry.payload());
        }
    }

    /** Reads what {@link #write} wrote. */
    public static TreeEntry read(ByteBuffer in) {
        int head = in.get() & 0xFF;
        EntryType type = EntryType.ofCode((byte) (head & TYPE_MASK));
        int fileId = (int) Varint.read(in);
        if (type == EntryType.LINKED) {
            return TreeEntry.linked(fileId);
        }
        Attributes attributes = readAttributes(in);
        long size = Varint.read(in);
        int kind = head >> CONTENT_SHIFT & CONTENT_MASK;
        @Nullable
        ContentRef content = kind == 0 ? null : new ContentRef(ObjectKind.ofCode((byte) kind), ObjectId.read(in));
        if ((head & XATTRS_FLAG) != 0) {
            attributes = attributes.withXattrs(readXattrs(in));
        }
        byte[] payload = (head & PAYLOAD_FLAG) == 0 ? new byte[0] : Varint.readBytes(in);
        return new TreeEntry(fileId, type, attributes, size, content, payload);
    }

    static void writeLinked(Output out, LinkedFile file) {
        write(out, file.entry());
        out.varint(file.paths().size());
        file.paths().forEach(path -> writePath(out, path));
    }

    static LinkedFile readLinked(ByteBuffer in) {
        TreeEntry entry = read(in);
        ImmutableSortedSet.Builder<TreePath> paths = ImmutableSortedSet.naturalOrder();
        for (int left = Varint.readInt(in); left > 0; left--) {
            paths.add(readPath(in));
        }
        return new LinkedFile(entry, paths.build());
    }

    /** Writes a path: the number of its names, then each. */
    public static void writePath(Output out, TreePath path) {
        out.varint(path.names().size());
        path.names().forEach(name -> out.counted(name.bytes()));
    }

    /** Reads what {@link #writePath} wrote. */
    public static TreePath readPath(ByteBuffer in) {
        List<Name> names = new ArrayList<>();
        for (int parts = Varint.readInt(in); parts > 0; parts--) {
            names.add(Name.of(Varint.readBytes(in)));
        }
        return TreePath.of(names);
    }

    private static void writeAttributes(Output out, Attributes attributes) {
        Timestamp mtime = attributes.mtime();
        Timestamp ctime = attributes.ctime();
        out.varint(attributes.mode())
                .varint(Integer.toUnsignedLong(attributes.uid()))
                .varint(Integer.toUnsignedLong(attributes.gid()))
                .signedVarint(mtime.seconds())
                .varint(mtime.nanos())
                .signedVarint(ctime.seconds() - mtime.seconds())
                .varint(ctime.nanos());
    }

    private static Attributes readAttributes(ByteBuffer in) {
        int mode = Varint.readInt(in);
        int uid = (int) Varint.read(in);
        int gid = (int) Varint.read(in);
        Timestamp mtime = new Timestamp(Varint.readSigned(in), Varint.readInt(in));
        Timestamp ctime = new Timestamp(mtime.seconds() + Varint.readSigned(in), Varint.readInt(in));
        return new Attributes(mode, uid, gid, mtime, ctime, Xattrs.NONE);
    }

    private static void writeXattrs(Output out, Xattrs xattrs) {
        out.varint(xattrs.asMap().size());
        xattrs.asMap().forEach((name, value) -> out.counted(name.getBytes(StandardCharsets.UTF_8))
                .counted(value));
    }

    private static Xattrs readXattrs(ByteBuffer in) {
        Map<String, byte[]> values = new TreeMap<>();
        for (int left = Varint.readInt(in); left > 0; left--) {
            String name = new String(Varint.readBytes(in), StandardCharsets.UTF_8);
            values.put(name, Varint.readBytes(in));
        }
        return Xattrs.of(values);
    }
}

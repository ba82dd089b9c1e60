package dev.dogear.store.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.StoreException;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.FileContent.Piece;
import dev.dogear.store.workspace.FileContent.Stored;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal records of one workspace's edits: the one place that knows their bytes. A record carries everything that a
 * replay could not find out again in the same way: file ids, times, final attributes.
 *
 * <p>Every payload starts with the workspace's number and a file id, as variable-length numbers.
 */
public final class EditLog {
    private static final Logger LOG = LoggerFactory.getLogger(EditLog.class);

    /** File id, path: where the node is that later records name by id alone. */
    static final int BIND = 16;
    /** File id and whole state of a file without a name. */
    static final int BIND_UNNAMED = 17;
    /** File id, offset, time, then the bytes to the end of the record. */
    static final int WRITE = 18;
    /** File id, final attributes with extended ones, atime, size + 1 or 0. */
    static final int ATTRIBUTES = 19;
    /** Directory (0: none), name, entry. */
    static final int CREATE = 20;
    /** Directory, name, file id, time. */
    static final int LINK = 21;
    /** Directory, name, file id, time. */
    static final int UNLINK = 22;
    /** Directory, name, directory, name, flags, time. */
    static final int RENAME = 23;
    /** File id, offset, length, final size, time. */
    static final int HOLE = 24;
    /** Source file id, target file id, offsets, length, time. */
    static final int COPY = 25;
    /** Kinds from this one up are not ours. */
    static final int END = 32;

    /**
     * The request that asks for an edit. An edit that cannot be repeated without harm (of names, of extended attributes)
     * carries the key in the last eight bytes of its record, so that a successor does not make it twice.
     */
    public interface Cause {
        /** Nobody would ask again. */
        Cause NONE = new Cause() {
            @Override
            public long key() {
                return 0;
            }

            @Override
            public void journaled() {}
        };

        /** Unlike that of any other request; 0 for none. */
        long key();

        /** The record is in the journal. Called with locks held. */
        void journaled();
    }

    private final Journal journal;
    private final int workspace;

    EditLog(Journal journal, int workspace) {
        this.journal = journal;
        this.workspace = workspace;
    }

    /** Where written bytes are. */
    record Written(long lsn, long position) {}

    long bind(int fileId, TreePath path) throws PosixException {
        Output out = start(fileId).varint(path.names().size());
        path.names().forEach(name -> out.counted(name.toBytes()));
        return append(BIND, out);
    }

    /** @param flags 1 if it may be given a name */
    long bindUnnamed(int fileId, Attributes attributes, int flags, FileContent content) throws PosixException {
        Output out = start(fileId);
        attributes(out, attributes);
        out.u8(flags).varint(content.size());
        stored(out, content.stored());
        out.varint(content.pieces().size());
        content.pieces().forEach((offset, piece) -> {
            out.varint(offset).varint(piece.length()).varint(piece.lsn()).signedVarint(piece.position());
            Stored source = piece.source();
            out.u8(source == null ? 0 : 1);
            if (source != null) {
                stored(out, source);
            }
        });
        return append(BIND_UNNAMED, out);
    }

    Written write(int fileId, long offset, Timestamp time, ByteBuffer data) throws PosixException {
        Output out = start(fileId).varint(offset);
        time(out, time);
        try {
            long lsn = journal.append(WRITE, out.buffer(), data);
            return new Written(lsn, Journal.payload(lsn) + out.size());
        } catch (StoreException e) {
            throw PosixException.of(e);
        }
    }

    /** @param size null leaves it */
    long attributes(int fileId, Attributes attributes, Timestamp atime, @Nullable Long size, Cause cause)
            throws PosixException {
        Output out = start(fileId);
        attributes(out, attributes);
        time(out, atime);
        return append(ATTRIBUTES, out.varint(size == null ? 0 : size + 1), cause);
    }

    /** @param directory null for a file without a name */
    long create(@Nullable DirectoryNode directory, @Nullable Name name, TreeEntry entry, Cause cause)
            throws PosixException {
        Output out = start(directory == null ? 0 : directory.fileId());
        out.counted(name == null ? new byte[0] : name.toBytes());
        out.varint(Integer.toUnsignedLong(entry.fileId())).u8(entry.type().code());
        attributes(out, entry.attributes());
        return append(CREATE, out.counted(entry.payload()), cause);
    }

    long link(DirectoryNode directory, Name name, Node node, Timestamp time, Cause cause) throws PosixException {
        return append(LINK, entry(directory, name, node, time), cause);
    }

    long unlink(DirectoryNode directory, Name name, Node node, Timestamp time, Cause cause) throws PosixException {
        return append(UNLINK, entry(directory, name, node, time), cause);
    }

    private Output entry(DirectoryNode directory, Name name, Node node, Timestamp time) {
        Output out = start(directory.fileId()).counted(name.toBytes()).varint(Integer.toUnsignedLong(node.fileId()));
        time(out, time);
        return out;
    }

    long rename(Names.Rename rename, Timestamp time, Cause cause) throws PosixException {
        Output out = start(rename.from().fileId())
                .counted(rename.name().toBytes())
                .varint(Integer.toUnsignedLong(rename.to().fileId()))
                .counted(rename.newName().toBytes())
                .u8(rename.flags());
        time(out, time);
        return append(RENAME, out, cause);
    }

    long hole(int fileId, Piece hole, long offset, long newSize, Timestamp time) throws PosixException {
        Output out = start(fileId).varint(offset).varint(hole.length()).varint(newSize);
        time(out, time);
        return append(HOLE, out);
    }

    /** @param offsets in the source, in the target, and the length */
    long copy(int from, int to, long[] offsets, Timestamp time) throws PosixException {
        Output out = start(from).varint(Integer.toUnsignedLong(to));
        Arrays.stream(offsets).forEach(out::varint);
        time(out, time);
        return append(COPY, out);
    }

    private Output start(int fileId) {
        return new Output(64).varint(Integer.toUnsignedLong(workspace)).varint(Integer.toUnsignedLong(fileId));
    }

    private long append(int kind, Output out, Cause cause) throws PosixException {
        if (cause.key() != 0) {
            out.i64(cause.key());
        }
        long lsn = append(kind, out);
        cause.journaled();
        return lsn;
    }

    private long append(int kind, Output out) throws PosixException {
        try {
            return journal.append(kind, out.buffer());
        } catch (StoreException e) {
            throw PosixException.of(e);
        }
    }

    private static void time(Output out, Timestamp time) {
        out.signedVarint(time.seconds()).varint(time.nanos());
    }

    private static void attributes(Output out, Attributes attributes) {
        out.varint(attributes.mode())
                .varint(Integer.toUnsignedLong(attributes.uid()))
                .varint(Integer.toUnsignedLong(attributes.gid()));
        time(out, attributes.mtime());
        time(out, attributes.ctime());
        Map<String, byte[]> xattrs = attributes.xattrs().asMap();
        out.varint(xattrs.size());
        xattrs.forEach((name, value) -> out.counted(name.getBytes(UTF_8)).counted(value));
    }

    private static void stored(Output out, Stored stored) {
        out.varint(stored.size());
        ContentRef ref = stored.ref();
        out.u8(ref == null ? 0 : ref.kind().code());
        if (ref != null) {
            out.id(ref.id());
        }
    }

    /** Reads the fields of one record, in the order they were written. */
    static final class Fields {
        private final ByteBuffer payload;
        private final int start;

        Fields(ByteBuffer payload) {
            this.payload = payload;
            this.start = payload.position();
        }

        /** A workspace's number or a file id. */
        int number() {
            return (int) Varint.read(payload);
        }

        long length() {
            return Varint.read(payload);
        }

        int flags() {
            return payload.get() & 0xFF;
        }

        byte[] bytes() {
            return Varint.readBytes(payload);
        }

        Name name() {
            return Name.of(bytes());
        }

        TreePath path() {
            int count = Varint.readInt(payload);
            List<Name> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(name());
            }
            return TreePath.of(names);
        }

        EntryType type() {
            return EntryType.ofCode(payload.get());
        }

        Timestamp time() {
            return new Timestamp(Varint.readSigned(payload), Varint.readInt(payload));
        }

        Attributes attributes() {
            int mode = Varint.readInt(payload);
            int uid = number();
            int gid = number();
            Timestamp mtime = time();
            Timestamp ctime = time();
            int count = Varint.readInt(payload);
            Map<String, byte[]> xattrs = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                xattrs.put(new String(bytes(), UTF_8), bytes());
            }
            return new Attributes(mode, uid, gid, mtime, ctime, Xattrs.of(xattrs));
        }

        Stored stored() {
            long size = length();
            byte kind = payload.get();
            return new Stored(kind == 0 ? null : new ContentRef(ObjectKind.ofCode(kind), ObjectId.read(payload)), size);
        }

        NavigableMap<Long, Piece> pieces() {
            int count = Varint.readInt(payload);
            NavigableMap<Long, Piece> pieces = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                long offset = length();
                long length = length();
                long lsn = length();
                long position = Varint.readSigned(payload);
                pieces.put(offset, new Piece(length, lsn, position, flags() == 0 ? null : stored()));
            }
            return pieces;
        }

        /** Number of bytes read so far. */
        int consumed() {
            return payload.position() - start;
        }

        int remaining() {
            return payload.remaining();
        }
    }

    /**
     * Applies the journaled edits of a repository after a restart, in order, to its workspaces: each to the root stored
     * with its cut. Records of a workspace from before its cut, and of workspaces that are gone, are passed over. One
     * thread, before anybody else uses the workspaces; {@link #end} it.
     */
    public static final class Replay implements Journal.Visitor {
        private final WorkspaceContext.FileIds fileIds;
        private final WorkspaceContext.Succession succession;

        /** LSN of the oldest record there is. */
        private final long head;

        private final IntFunction<@Nullable Workspace> stored;
        private final Map<Integer, Optional<Workspace>> workspaces = new HashMap<>();

        /** Whether records before the present one were left out by a repair: then an edit may not fit what is there. */
        private boolean leftOut;

        private final Map<Integer, Integer> misfits = new HashMap<>();

        /** @param stored the workspace of a number as it was stored last, null if there is none any more */
        public Replay(WorkspaceContext context, IntFunction<@Nullable Workspace> stored) {
            this.fileIds = context.fileIds();
            this.succession = context.succession();
            this.head = context.journal().head();
            this.stored = stored;
        }

        @Override
        public void record(long lsn, int kind, ByteBuffer payload) {
            leftOut |= kind == Journal.LEFT_OUT;
            if (kind < BIND || kind >= END) {
                return;
            }
            try {
                edit(lsn, kind, payload.duplicate());
            } catch (StoreException e) {
                if (!leftOut || e.kind() != StoreException.Kind.CORRUPT) {
                    throw e;
                }
                misfits.merge(new Fields(payload).number(), 1, Integer::sum);
                LOG.warn(
                        "the edit at {} rests on what a repair left out, and is left out too: {}", lsn, e.getMessage());
            }
        }

        private void edit(long lsn, int kind, ByteBuffer payload) {
            if (payload.remaining() >= Long.BYTES) {
                succession.executed(payload.getLong(payload.limit() - Long.BYTES));
            }
            Fields fields = new Fields(payload);
            try {
                @Nullable Workspace workspace = workspace(fields.number());
                int fileId = fields.number();
                fileIds.seen(fileId);
                if (kind == CREATE) {
                    // Not only those applied: an id of a dropped edit was handed out, too.
                    create(workspace != null && lsn >= workspace.cut() ? workspace : null, lsn, fileId, fields);
                } else if (workspace != null && lsn >= workspace.cut()) {
                    apply(workspace, lsn, kind, fileId, fields);
                }
            } catch (BufferUnderflowException | IllegalArgumentException | ClassCastException e) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, "Malformed edit of kind " + kind + " at LSN " + lsn, e);
            }
        }

        /** How many edits did not fit and were left out, by the number of the bookmark. */
        public Map<Integer, Integer> misfits() {
            return Map.copyOf(misfits);
        }

        /** All records were shown. */
        public void end() {
            workspaces.values().forEach(workspace -> workspace.ifPresent(Workspace::endReplay));
        }

        private @Nullable Workspace workspace(int number) {
            return workspaces
                    .computeIfAbsent(number, missing -> {
                        Workspace workspace = stored.apply(number);
                        if (workspace != null) {
                            workspace.beginReplay();
                        }
                        return Optional.ofNullable(workspace);
                    })
                    .orElse(null);
        }

        private void create(@Nullable Workspace workspace, long lsn, int parent, Fields fields) {
            byte[] name = fields.bytes();
            int fileId = fields.number();
            EntryType type = fields.type();
            TreeEntry entry = Names.entry(fileId, type, fields.attributes(), fields.bytes());
            fileIds.seen(fileId);
            if (workspace == null) {
                return;
            }
            if (name.length == 0) {
                workspace.names().applyCreate(null, null, entry, lsn);
            } else {
                workspace.names().applyCreate(directory(workspace, parent), Name.of(name), entry, lsn);
            }
        }

        private void apply(Workspace workspace, long lsn, int kind, int fileId, Fields fields) {
            switch (kind) {
                case BIND -> bind(workspace, fileId, fields);
                case BIND_UNNAMED -> bindUnnamed(workspace, lsn, fileId, fields);
                case LINK, UNLINK -> linkOrUnlink(workspace, lsn, kind, fileId, fields);
                case RENAME -> rename(workspace, lsn, fileId, fields);
                case ATTRIBUTES -> attributes(workspace, lsn, fileId, fields);
                default -> content(workspace, lsn, kind, fileId, fields);
            }
        }

        private static void bind(Workspace workspace, int fileId, Fields fields) {
            TreePath path = fields.path();
            Node node = workspace.find(path);
            if (node == null || node.fileId() != fileId) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "The journal names file " + Integer.toUnsignedString(fileId) + " where there is none: " + path);
            }
            workspace.nodes().markEdited(node);
        }

        private static void bindUnnamed(Workspace workspace, long lsn, int fileId, Fields fields) {
            Attributes attributes = fields.attributes();
            boolean unnamed = fields.flags() == 1;
            long size = fields.length();
            Stored stored = fields.stored();
            FileNode file;
            if (workspace.node(fileId) instanceof FileNode known) {
                file = known;
            } else {
                file = (FileNode) workspace.nodes().create(TreeEntry.file(fileId, attributes, 0, null));
                workspace.nodes().add(file);
            }
            file.edit(attributes, lsn);
            file.setUnnamed(unnamed);
            file.content().restore(stored, size, fields.pieces());
            workspace.files().noteJournaled(file);
        }

        private static void linkOrUnlink(Workspace workspace, long lsn, int kind, int directory, Fields fields) {
            DirectoryNode parent = directory(workspace, directory);
            Name name = fields.name();
            int fileId = fields.number();
            Timestamp time = fields.time();
            if (kind == LINK) {
                workspace.names().applyLink(parent, name, node(workspace, fileId), time, lsn);
            } else {
                workspace.names().applyUnlink(parent, name, named(workspace, parent, name), time, lsn);
            }
        }

        private static void rename(Workspace workspace, long lsn, int from, Fields fields) {
            Name name = fields.name();
            DirectoryNode to = directory(workspace, fields.number());
            DirectoryNode parent = directory(workspace, from);
            Names.Rename rename = new Names.Rename(parent, name, to, fields.name(), fields.flags());
            named(workspace, parent, name);
            workspace.names().applyRename(rename, fields.time(), lsn);
        }

        private void attributes(Workspace workspace, long lsn, int fileId, Fields fields) {
            Attributes attributes = fields.attributes();
            Timestamp atime = fields.time();
            long size = fields.length();
            Node node = edited(workspace, fileId);
            if (node != null) {
                workspace
                        .files()
                        .applyEdit(node, new FileEdits.Edit(attributes, atime, size == 0 ? null : size - 1), lsn);
            }
        }

        private void content(Workspace workspace, long lsn, int kind, int fileId, Fields fields) {
            FileNode file = (FileNode) edited(workspace, fileId);
            if (file == null) {
                return;
            }
            switch (kind) {
                case WRITE -> {
                    long offset = fields.length();
                    Timestamp time = fields.time();
                    Piece piece = Piece.journaled(fields.remaining(), lsn, Journal.payload(lsn) + fields.consumed());
                    workspace.files().applyWrite(file, offset, piece, time);
                }
                case HOLE -> {
                    long offset = fields.length();
                    Piece hole = Piece.hole(fields.length(), lsn);
                    workspace.files().applyHole(file, offset, hole, fields.length(), fields.time());
                }
                case COPY -> {
                    FileNode to = (FileNode) edited(workspace, fields.number());
                    long[] offsets = {fields.length(), fields.length(), fields.length()};
                    if (to != null) {
                        workspace.files().applyCopy(file, to, offsets, fields.time(), lsn);
                    }
                }
                default ->
                    throw new StoreException(
                            StoreException.Kind.NEWER_FORMAT, "Unknown edit of kind " + kind + " at LSN " + lsn);
            }
        }

        /**
         * The file a record edits. Null where the journal has lost the beginning of a file that never got a name and ended,
         * which can only be if it begins after the workspace's cut: {@link Workspace#oldestNeeded} let it go. Behind what a repair left
         * out nobody can tell, so such edits are counted.
         */
        private @Nullable Node edited(Workspace workspace, int fileId) {
            return workspace.cut() < head && !leftOut ? workspace.node(fileId) : node(workspace, fileId);
        }

        private static Node node(Workspace workspace, int fileId) {
            Node node = workspace.node(fileId);
            if (node == null) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "The journal edits file " + Integer.toUnsignedString(fileId) + " but does not say where it is");
            }
            return node;
        }

        private static DirectoryNode directory(Workspace workspace, int fileId) {
            return (DirectoryNode) node(workspace, fileId);
        }

        private static Node named(Workspace workspace, DirectoryNode directory, Name name) {
            Node node = workspace.nodes().find(directory, name);
            if (node == null) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, "The journal edits a name that is not there: " + name);
            }
            return node;
        }
    }
}

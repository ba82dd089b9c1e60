package dev.dogear.mount.handover;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the nodes are that the kernel knows, as a log in shared memory: the last record of a node counts. Two regions take turns; a
 * log that has grown to several times what it says is copied to the other one. A record is there when its head is.
 */
public final class NodeLog {
    /** A record's kind. */
    enum Kind {
        END(0),
        /** {@code a} node, {@code b} its directory, {@code c} generation, name. */
        PLACED(1),
        /** {@code a} node without a name, {@code c} 1 if a directory. */
        UNNAMED(2),
        /** {@code a} node the kernel knows no more. */
        GONE(3),
        /** {@code a} level, name: repository, NUL, prefix. */
        LEVEL(4),
        /** {@code a} level, {@code b} what the name in it was said to be. */
        SHOWN(5),
        /** {@code a} handle, {@code b} node: open for writing. */
        OPENED(6),
        /** {@code a} handle. */
        CLOSED(7),
        /** The rest of the window is empty. */
        SKIP(8);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** One record. */
    record Line(Kind kind, long a, long b, int c, byte[] name) {}

    /** Sees records in order. */
    interface Visitor {
        void record(long at, Kind kind, long a, long b);
    }

    private static final VarHandle HEAD = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final Kind[] KINDS = Kind.values();
    private static final int FIXED_BYTES = 24;
    private static final int KIND_SHIFT = 24;
    private static final int LENGTH_MASK = (1 << KIND_SHIFT) - 1;
    private static final int WINDOW_BYTES = 8 << 20;
    private static final long FROM = 128L << 20;
    private static final long REGION_BYTES = 16L << 30;
    private static final long COMPACT_BYTES_MIN = 16L << 20;
    private static final int COMPACT_FACTOR = 4;
    private static final byte[] NO_NAME = {};

    private final FileChannel channel;
    private final MappedByteBuffer header;
    private final List<MappedByteBuffer> windows = new ArrayList<>();
    private final Inherited inherited;
    private int region;
    private long tail;
    private long compactAt;

    NodeLog(FileChannel channel, MappedByteBuffer header) throws IOException {
        this.channel = channel;
        this.header = header;
        this.region = header.getInt(HandOver.AT_NODE_LOG);
        this.inherited = new Inherited(this);
        this.tail = scan(inherited);
        this.compactAt = Math.max(COMPACT_BYTES_MIN, tail * COMPACT_FACTOR);
    }

    /** What earlier daemons noted: as of when this one began, less what was forgotten since. */
    public Inherited inherited() {
        return inherited;
    }

    /** A node the kernel knows has that name. */
    public void placed(long node, int generation, long directory, byte[] name) {
        append(new Line(Kind.PLACED, node, directory, generation, name));
    }

    /** A node the kernel knows has no name any more, or never had. */
    public void unnamed(long node, boolean directory) {
        append(new Line(Kind.UNNAMED, node, 0, directory ? 1 : 0, NO_NAME));
    }

    /** The kernel has forgotten the node. */
    public synchronized void gone(long node) {
        inherited.forget(node);
        append(new Line(Kind.GONE, node, 0, 0, NO_NAME));
    }

    /** A directory above bookmarks has that id; {@code path} as its owner writes it. */
    public void level(long id, byte[] path) {
        append(new Line(Kind.LEVEL, id, 0, 0, path));
    }

    /** The kernel was told that a name above bookmarks is that node. */
    public void shown(long level, byte[] name, long node) {
        append(new Line(Kind.SHOWN, level, node, 0, name));
    }

    /** A node was opened for writing. */
    public void opened(long handle, long node) {
        append(new Line(Kind.OPENED, handle, node, 0, NO_NAME));
    }

    /** The handle was closed. */
    public synchronized void closed(long handle) {
        inherited.forgetHandle(handle);
        append(new Line(Kind.CLOSED, handle, 0, 0, NO_NAME));
    }

    private synchronized void append(Line record) {
        try {
            if (tail > compactAt) {
                compact();
            }
            put(record);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "the table of known nodes cannot grow", e);
        }
    }

    /** What follows is empty before the record is there: a half-written one, or an old turn's, may have been. */
    private void put(Line record) throws IOException {
        int length = FIXED_BYTES + (record.name.length + 7 & ~7);
        int room = (int) (WINDOW_BYTES - tail % WINDOW_BYTES);
        if (room < length + Integer.BYTES) {
            head(window(tail + room), 0, Kind.END, 0);
            head(window(tail), (int) (tail % WINDOW_BYTES), Kind.SKIP, room);
            tail += room;
        }
        MappedByteBuffer window = window(tail);
        int at = (int) (tail % WINDOW_BYTES);
        window.putInt(at + 4, record.c);
        window.putLong(at + 8, record.a);
        window.putLong(at + 16, record.b);
        window.put(at + FIXED_BYTES, record.name);
        int padding = length - FIXED_BYTES - record.name.length;
        if (padding > 0) {
            window.put(at + length - 1, (byte) padding);
        }
        head(window, at + length, Kind.END, 0);
        head(window, at, record.kind, length | (padding > 0 ? 1 : 0));
        tail += length;
    }

    private static void head(ByteBuffer window, int at, Kind kind, int length) {
        HEAD.setRelease(window, at, (kind.code << KIND_SHIFT) | (length & LENGTH_MASK));
    }

    private MappedByteBuffer window(long at) throws IOException {
        int index = (int) (at / WINDOW_BYTES);
        while (windows.size() <= index) {
            long from = FROM + region * REGION_BYTES + (long) windows.size() * WINDOW_BYTES;
            windows.add(HandOver.map(channel, from, WINDOW_BYTES));
        }
        return windows.get(index);
    }

    /** Shows every record; returns where the next one goes. */
    private long scan(Visitor visitor) throws IOException {
        long at = 0;
        while (true) {
            MappedByteBuffer window = window(at);
            int in = (int) (at % WINDOW_BYTES);
            int head = (int) HEAD.getAcquire(window, in);
            Kind kind = KINDS[head >>> KIND_SHIFT];
            if (kind == Kind.END) {
                return at;
            }
            if (kind != Kind.SKIP) {
                visitor.record(at, kind, window.getLong(in + 8), window.getLong(in + 16));
            }
            at += head & LENGTH_MASK & ~7;
        }
    }

    /** The record there. */
    synchronized Line read(long at) {
        try {
            return read(window(at), (int) (at % WINDOW_BYTES));
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "the table of known nodes cannot be read", e);
        }
    }

    private static Line read(ByteBuffer window, int in) {
        int head = window.getInt(in);
        int length = head & LENGTH_MASK & ~7;
        int padding = (head & 1) == 0 ? 0 : window.get(in + length - 1);
        byte[] name = new byte[length - FIXED_BYTES - padding];
        window.get(in + FIXED_BYTES, name);
        return new Line(
                KINDS[head >>> KIND_SHIFT],
                window.getLong(in + 8),
                window.getLong(in + 16),
                window.getInt(in + 4),
                name);
    }

    /** Copies what still holds to the other region and goes on there. Whoever dies before the last step has changed nothing. */
    private void compact() throws IOException {
        Inherited now = new Inherited(this);
        scan(now);
        List<MappedByteBuffer> old = List.copyOf(windows);
        region = 1 - region;
        windows.clear();
        tail = 0;
        head(window(0), 0, Kind.END, 0);
        for (long at : now.positions()) {
            put(read(old.get((int) (at / WINDOW_BYTES)), (int) (at % WINDOW_BYTES)));
        }
        header.putInt(HandOver.AT_NODE_LOG, region);
        Inherited moved = new Inherited(this);
        scan(moved);
        inherited.moved(moved);
        compactAt = Math.max(COMPACT_BYTES_MIN, tail * COMPACT_FACTOR);
    }
}

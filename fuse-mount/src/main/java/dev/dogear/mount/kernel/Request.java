package dev.dogear.mount.kernel;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Slots;
import dev.dogear.mount.uring.Entry;
import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.EditLog;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request as it was read from the device or taken from a ring. Accessors of arguments take offsets counted from the end of the header, and
 * fail with {@link IndexOutOfBoundsException} beyond the buffer.
 */
final class Request implements EditLog.Cause {
    private final NativeMemory memory;
    private final ByteBuffer buffer;
    private final @Nullable HandOver handOver;
    private final @Nullable Entry entry;
    private boolean pushed;
    private long cameNanos = System.nanoTime();

    /** @param handOver null if this mount ends with its daemon */
    Request(NativeMemory memory, @Nullable HandOver handOver) {
        this.memory = memory;
        this.buffer = memory.buffer();
        this.handOver = handOver;
        this.entry = null;
    }

    /** One that came by a ring. */
    Request(Entry entry, @Nullable HandOver handOver) {
        this.memory = new NativeMemory(entry.request());
        this.buffer = memory.buffer();
        this.handOver = handOver;
        this.entry = entry;
    }

    /** The place in a ring it has until it is answered; null if it was read from the device. */
    @Nullable
    Entry entry() {
        return entry;
    }

    /** Where its answer is made: in its place, if there is room beside the request, else in {@code other}. */
    Reply replyOr(Reply other) {
        return entry == null || entry.hasPayload() ? other : new Reply(new NativeMemory(entry.answer()));
    }

    /** It came just now: one reader's object is for one request after the other. */
    void came() {
        cameNanos = System.nanoTime();
    }

    /** When it came. */
    long cameNanos() {
        return cameNanos;
    }

    /** For journals. */
    @Override
    public long key() {
        return handOver == null ? 0 : handOver.key(unique());
    }

    /** Of what changes names or extended attributes: done, and without an error. */
    @Override
    public void journaled() {
        executed(0, 0);
    }

    /** It is done; from here on a successor may answer it but not do it again. */
    void executed(int errno, int count) {
        Slots.Slot slot = memory.slot();
        if (slot != null) {
            slot.executed(errno, count);
        } else if (entry != null) {
            entry.executed(errno, count);
        }
    }

    /** It is answered or is elsewhere: no successor need care. */
    void clear() {
        Slots.Slot slot = memory.slot();
        if (slot != null) {
            slot.clear();
        }
    }

    NativeMemory memory() {
        return memory;
    }

    int length() {
        return buffer.getInt(Wire.IN_LENGTH);
    }

    int opcode() {
        return buffer.getInt(Wire.IN_OPCODE);
    }

    /** Opaque; the top bit may be set. */
    long unique() {
        return buffer.getLong(Wire.IN_UNIQUE);
    }

    long node() {
        return buffer.getLong(Wire.IN_NODE);
    }

    /** The calling thread, as seen by the daemon: a thread id, not a process id. */
    int thread() {
        return buffer.getInt(Wire.IN_PID);
    }

    Caller caller(boolean mayWait) {
        return new Caller(buffer.getInt(Wire.IN_UID), buffer.getInt(Wire.IN_GID), thread(), mayWait, this);
    }

    int getInt(int offset) {
        return buffer.getInt(Wire.IN_SIZE + offset);
    }

    long getLong(int offset) {
        return buffer.getLong(Wire.IN_SIZE + offset);
    }

    FileSystemCalls.Mode getMode(int bitsOffset, int umaskOffset) {
        return new FileSystemCalls.Mode(getInt(bitsOffset), getInt(umaskOffset));
    }

    Timestamp getTime(int secondsOffset, int nanosOffset) {
        return new Timestamp(getLong(secondsOffset), getInt(nanosOffset));
    }

    /** The bytes up to the NUL. */
    byte[] getName(int offset) {
        int from = Wire.IN_SIZE + offset;
        int to = from;
        while (buffer.get(to) != 0) {
            to++;
        }
        byte[] name = new byte[to - from];
        buffer.get(from, name);
        return name;
    }

    byte[] getBytes(int offset, int size) {
        byte[] bytes = new byte[size];
        buffer.get(Wire.IN_SIZE + offset, bytes);
        return bytes;
    }

    /** A part of the request without a copy; valid as long as the request. */
    ByteBuffer slice(int offset, int size) {
        return buffer.slice(Wire.IN_SIZE + offset, size);
    }

    /** Whether the kernel was made to write back the pages it holds of the file, since the request came. */
    boolean isPushed() {
        return pushed;
    }

    void setPushed() {
        pushed = true;
    }

    /** For a trace: what, on which node, by whom. */
    @Override
    public String toString() {
        return Opcode.name(opcode()) + " node " + Long.toHexString(node()) + " unique "
                + Long.toUnsignedString(unique()) + " thread " + thread() + " length " + length();
    }

    /** Copies the request, so that the reader's buffer is free again. */
    Request copyTo(NativeMemory target) {
        int length = Math.min(length(), target.size());
        target.buffer().put(Wire.IN_NODE, buffer, Wire.IN_NODE, length - Wire.IN_NODE);
        target.buffer().put(0, buffer, 0, Wire.IN_UNIQUE);
        target.buffer().putLong(Wire.IN_UNIQUE, unique()); // last: now it is there
        Request copy = new Request(target, handOver);
        copy.cameNanos = cameNanos;
        return copy;
    }
}

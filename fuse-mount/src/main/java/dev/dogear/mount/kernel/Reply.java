package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.OpenFile;
import dev.dogear.store.workspace.NodeAttributes;
import java.nio.ByteBuffer;

/**
 * One answer being put together in memory that is used for one request after the other. It also remembers what the kernel
 * will count once it has the answer, so that an answer nobody took can be taken back.
 */
final class Reply {
    private final NativeMemory memory;
    private final ByteBuffer buffer;
    private int length;
    private long entryNode;
    private long openNode;
    private long openHandle;

    Reply(NativeMemory memory) {
        this.memory = memory;
        this.buffer = memory.buffer();
    }

    /** Forgets the answer before and begins an empty success. */
    void begin(long unique) {
        length = Wire.OUT_SIZE;
        entryNode = 0;
        openNode = 0;
        openHandle = 0;
        buffer.putInt(Wire.OUT_ERROR, 0);
        buffer.putLong(Wire.OUT_UNIQUE, unique);
    }

    /** @param errno positive */
    void fail(int errno) {
        length = Wire.OUT_SIZE;
        buffer.putInt(Wire.OUT_ERROR, -errno);
    }

    /** 0 of a success. */
    int errno() {
        return -buffer.getInt(Wire.OUT_ERROR);
    }

    void entry(Entry entry) {
        Wire.putEntry(buffer, Wire.OUT_SIZE, entry);
        length = Wire.OUT_SIZE + Wire.ENTRY_SIZE;
        entryNode = entry.node();
    }

    void noEntry() {
        Wire.putNoEntry(buffer, Wire.OUT_SIZE);
        length = Wire.OUT_SIZE + Wire.ENTRY_SIZE;
    }

    void attributes(long node, NodeAttributes attributes) {
        Wire.putAttributesReply(buffer, Wire.OUT_SIZE, node, attributes);
        length = Wire.OUT_SIZE + Wire.ATTR_OUT_SIZE;
    }

    /** Follows an entry in the answer to CREATE, stands alone in that to OPEN. */
    void open(long node, OpenFile file) {
        Wire.putOpen(buffer, length, file);
        length += Wire.OPEN_OUT_SIZE;
        openNode = node;
        openHandle = file.handle();
    }

    void openDirectory() {
        Wire.zero(buffer, length, Wire.OPEN_OUT_SIZE);
        length += Wire.OPEN_OUT_SIZE;
    }

    void statistics(FileSystemCalls.Statistics figures) {
        Wire.putStatistics(buffer, Wire.OUT_SIZE, figures);
        length = Wire.OUT_SIZE + Wire.STATFS_SIZE;
    }

    void bytes(byte[] bytes) {
        buffer.put(Wire.OUT_SIZE, bytes);
        length = Wire.OUT_SIZE + bytes.length;
    }

    void number(long value) {
        buffer.putLong(Wire.OUT_SIZE, value);
        length = Wire.OUT_SIZE + Long.BYTES;
    }

    /** The sizes of xattr and write answers: 32 bits and padding. */
    void count(int value) {
        buffer.putInt(Wire.OUT_SIZE, value);
        buffer.putInt(Wire.OUT_SIZE + Integer.BYTES, 0);
        length = Wire.OUT_SIZE + Long.BYTES;
    }

    /** Where up to {@code size} bytes of payload go; {@link #payload(int)} says how many there were. */
    ByteBuffer room(int size) {
        return buffer.slice(Wire.OUT_SIZE, size);
    }

    void payload(int size) {
        length = Wire.OUT_SIZE + size;
    }

    /** The most payload that fits. */
    int roomSize() {
        return memory.size() - Wire.OUT_SIZE;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    long address() {
        return memory.address();
    }

    /** Writes the length into the header and gives it. */
    int finish() {
        buffer.putInt(Wire.OUT_LENGTH, length);
        return length;
    }

    /** The kernel did not take the answer: what it would have counted is given back. */
    void takeBack(FileSystemCalls calls) {
        if (openNode != 0) {
            calls.release(openNode, openHandle);
        }
        if (entryNode != 0) {
            calls.forget(entryNode, 1);
        }
    }
}

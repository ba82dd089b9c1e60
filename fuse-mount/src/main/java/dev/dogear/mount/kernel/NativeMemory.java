package dev.dogear.mount.kernel;

import dev.dogear.mount.handover.Slots;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside the heap, by address for system calls and as a buffer in native byte order for us. Freed when it is no
 * longer reachable, so whoever passes the address on keeps the object.
 */
public final class NativeMemory {
    private static final int PAGE_BYTES = 4096;

    private final ByteBuffer buffer;
    private final long address;
    private final Slots.@Nullable Slot slot;

    public NativeMemory(int size) {
        this(ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()), null);
    }

    /** A part of memory that is another's. */
    NativeMemory(ByteBuffer part) {
        this(part, null);
    }

    /** Memory for requests that outlives this process. */
    NativeMemory(Slots.Slot slot) {
        this(slot.buffer(), slot);
    }

    private NativeMemory(ByteBuffer buffer, Slots.@Nullable Slot slot) {
        this.buffer = buffer;
        this.address = Pointer.wrap(LibC.runtime(), buffer).address();
        this.slot = slot;
    }

    /** The place in shared memory that this is; null if it is our own. */
    Slots.@Nullable Slot slot() {
        return slot;
    }

    /** Makes each page present, so that the kernel need not do so while it writes there. */
    void touch() {
        for (int at = 0; at < buffer.capacity(); at += PAGE_BYTES) {
            buffer.put(at, buffer.get(at));
        }
    }

    /** The whole of it; only absolute access, the position is nobody's. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Where it begins. */
    public long address() {
        return address;
    }

    /** In bytes. */
    public int size() {
        return buffer.capacity();
    }
}

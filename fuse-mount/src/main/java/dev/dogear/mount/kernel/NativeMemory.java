package dev.dogear.mount.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;

/**
 * Memory outside the heap, by address for system calls and as a buffer in native byte order for us. Freed when it is no
 * longer reachable, so whoever passes the address on keeps the object.
 */
public final class NativeMemory {
    private final ByteBuffer buffer;
    private final long address;

    public NativeMemory(int size) {
        buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        address = Pointer.wrap(LibC.runtime(), buffer).address();
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

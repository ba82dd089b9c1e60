package dev.dogear.store.lmdb;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;

/** A few direct buffers to read into, so that a reader need not allocate one. */
final class ScratchBuffers {
    private static final int KEPT = 8;
    private static final int MIN_BYTES = 64 << 10;
    private static final int MAX_BYTES = 1 << 20;

    private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

    ByteBuffer take(int length) {
        ByteBuffer buffer = idle.poll();
        if (buffer == null || buffer.capacity() < length) {
            buffer = ByteBuffer.allocateDirect(Math.max(MIN_BYTES, length));
        }
        return buffer.clear().limit(length);
    }

    void give(ByteBuffer buffer) {
        if (buffer.capacity() <= MAX_BYTES && idle.size() < KEPT) {
            idle.push(buffer);
        }
    }
}

package dev.dogear.mount.uring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A place for one request of one queue, and for its answer. Whoever was given it has it alone, until it is answered.
 *
 * <p>The kernel writes headers and payload apart. Here a request is read as from the device, in one piece, without being copied: what
 * stands in headers is put right before the payload, or, where there is none, elsewhere, so that the answer's payload can be
 * written to its place at once.
 */
public final class Entry {
    /** Bytes of the longest payload. */
    public static final int PAYLOAD_SIZE = 1 << 20;

    /** Of the header of an answer as the device takes it: length, error, unique. */
    private static final int OUT_SIZE = 16;

    private static final int IN_SIZE = 40;
    private static final int IN_LENGTH = 0;
    private static final int UNIQUE = 8;

    /** struct fuse_uring_req_header: in_out, op_in, ring_ent_in_out. */
    static final int HEADERS_SIZE = 288;

    private static final int ARGUMENTS = 128;
    private static final int COMMIT_ID = 256 + 8;
    private static final int PAYLOAD_LENGTH = 256 + 16;
    private static final int IOVEC = 320;
    private static final int IOVEC_SIZE = 16;
    private static final int LONE_MESSAGE = 512;
    private static final int PAYLOAD = 4096;

    /** Bytes of a place. */
    static final int SIZE = PAYLOAD + PAYLOAD_SIZE;

    private final int queue;
    private final int number;
    private final long address;
    private final ByteBuffer area;

    Entry(int queue, int number, long address) {
        this.queue = queue;
        this.number = number;
        this.address = address;
        this.area = Calls.buffer(address, SIZE);
    }

    int queue() {
        return queue;
    }

    int number() {
        return number;
    }

    /** Where the two parts are, as struct iovec[2]. */
    long parts() {
        area.putLong(IOVEC, address);
        area.putLong(IOVEC + 8, HEADERS_SIZE);
        area.putLong(IOVEC + IOVEC_SIZE, address + PAYLOAD);
        area.putLong(IOVEC + IOVEC_SIZE + 8, PAYLOAD_SIZE);
        return address + IOVEC;
    }

    long commitId() {
        return area.getLong(COMMIT_ID);
    }

    /** The request in one piece, as the device gives it. */
    public ByteBuffer request() {
        int length = area.getInt(IN_LENGTH);
        int arguments = length - IN_SIZE - area.getInt(PAYLOAD_LENGTH);
        int at = hasPayload() ? PAYLOAD - IN_SIZE - arguments : LONE_MESSAGE;
        area.put(at + IN_SIZE, area, ARGUMENTS, arguments);
        area.put(at, area, 0, IN_SIZE);
        return part(at, length);
    }

    /** Whether the answer's place is that of the request. If so, it is made elsewhere and copied when all is done. */
    public boolean hasPayload() {
        return area.getInt(PAYLOAD_LENGTH) != 0;
    }

    /** Where an answer can be made in one piece, as the device takes it; only if the request has no payload. */
    public ByteBuffer answer() {
        return part(PAYLOAD - OUT_SIZE, OUT_SIZE + PAYLOAD_SIZE);
    }

    /**
     * Puts an answer where the kernel looks for it.
     *
     * @param answer in one piece, as the device takes it; perhaps what {@link #answer()} gave
     */
    void put(ByteBuffer answer, int length) {
        if (hasPayload()) {
            area.put(PAYLOAD, answer, OUT_SIZE, length - OUT_SIZE);
        }
        area.put(0, answer, 0, OUT_SIZE);
        area.putInt(PAYLOAD_LENGTH, length - OUT_SIZE);
    }

    private ByteBuffer part(int at, int size) {
        return area.slice(at, size).order(ByteOrder.nativeOrder());
    }
}

package dev.dogear.mount.uring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A place for one request of one queue, and for its answer. Whoever was given it has it alone, until it is answered.
 *
 * <p>The kernel writes headers and payload apart. Here a request is read as from the device, in one piece, without being copied: what
 * stands in headers is put right before the payload, or, where there is none, elsewhere, so that the answer's payload can be
 * written to its place at once.
 *
 * <p>Beside them stands how far the request has come, by its commit id: taken, executed, staged (its answer is whole). Each mark is
 * set when what it speaks of is written, so that a daemon which finds the memory of a dead one can go on from there.
 */
public final class Entry {
    /** Bytes of the longest payload. */
    public static final int PAYLOAD_SIZE = 1 << 20;

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** Of the header of an answer as the device takes it: length, error, unique. */
    private static final int OUT_SIZE = 16;

    private static final int IN_SIZE = 40;
    private static final int IN_LENGTH = 0;

    /** struct fuse_uring_req_header: in_out, op_in, ring_ent_in_out. */
    private static final int HEADERS_SIZE = 288;

    private static final int ARGUMENTS = 128;
    private static final int COMMIT_ID = 256 + 8;
    private static final int PAYLOAD_LENGTH = 256 + 16;

    /** The two parts, as struct iovec[2]. */
    private static final int PARTS = 320;

    private static final int TAKEN = 384;
    private static final int MESSAGE_AT = 392;
    private static final int EXECUTED = 400;
    private static final int ERRNO = 408;
    private static final int COUNT = 412;
    private static final int STAGED = 416;
    private static final int STAGED_LENGTH = 424;
    private static final int LONE_MESSAGE = 512;
    private static final int PAYLOAD = 4096;

    /** Answers to requests with a payload: none is longer than an extended attribute. */
    private static final int STAGE = PAYLOAD + PAYLOAD_SIZE;

    private static final int STAGE_SIZE = 68 << 10;

    /** Bytes of a place. */
    static final int SIZE = STAGE + STAGE_SIZE;

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

    /** Where the kernel finds the two parts. */
    long parts() {
        area.putLong(PARTS, address);
        area.putLong(PARTS + 8, HEADERS_SIZE);
        area.putLong(PARTS + 16, address + PAYLOAD);
        area.putLong(PARTS + 24, PAYLOAD_SIZE);
        return address + PARTS;
    }

    /** Of the last request that was here; 0 if none ever was. */
    public long commitId() {
        return area.getLong(COMMIT_ID);
    }

    /** The request in one piece, as the device gives it. */
    public ByteBuffer request() {
        if (!isMarked(TAKEN)) {
            int payload = area.getInt(PAYLOAD_LENGTH);
            int arguments = area.getInt(IN_LENGTH) - IN_SIZE - payload;
            int at = payload == 0 ? LONE_MESSAGE : PAYLOAD - IN_SIZE - arguments;
            area.put(at + IN_SIZE, area, ARGUMENTS, arguments);
            area.put(at, area, 0, IN_SIZE);
            area.putInt(MESSAGE_AT, at);
            mark(TAKEN);
        }
        int at = area.getInt(MESSAGE_AT);
        return part(at, area.getInt(at + IN_LENGTH));
    }

    /** Whether the answer's place is that of the request. If so, it is made elsewhere and copied when all is done. */
    public boolean hasPayload() {
        return area.getInt(MESSAGE_AT) != LONE_MESSAGE;
    }

    /** Where an answer can be made in one piece, as the device takes it; only if the request has no payload. */
    public ByteBuffer answer() {
        return part(PAYLOAD - OUT_SIZE, OUT_SIZE + PAYLOAD_SIZE);
    }

    /** The request was executed, with this outcome; its answer is not made yet. */
    public void executed(int errno, int count) {
        area.putInt(ERRNO, errno);
        area.putInt(COUNT, count);
        mark(EXECUTED);
    }

    /** Whether the request in it was executed. */
    public boolean isExecuted() {
        return isMarked(EXECUTED);
    }

    /** How that ended: 0 or an error. */
    public int errno() {
        return area.getInt(ERRNO);
    }

    /** The number it was to be answered with, if any. */
    public int count() {
        return area.getInt(COUNT);
    }

    /**
     * Makes the answer whole, and puts it where the kernel looks for it.
     *
     * @param answer in one piece, as the device takes it; perhaps what {@link #answer()} gave
     */
    void put(ByteBuffer answer, int length) {
        if (hasPayload()) {
            area.put(STAGE, answer, 0, length);
        }
        area.putInt(STAGED_LENGTH, length);
        mark(STAGED);
        putStaged();
    }

    /** Whether the last request's answer is whole. The kernel may have it or not. */
    boolean isStaged() {
        return isMarked(STAGED);
    }

    /** Puts an answer that is whole where the kernel looks for it; done twice it is the same. */
    void putStaged() {
        int from = hasPayload() ? STAGE : PAYLOAD - OUT_SIZE;
        int payload = area.getInt(STAGED_LENGTH) - OUT_SIZE;
        if (hasPayload()) {
            area.put(PAYLOAD, area, from + OUT_SIZE, payload);
        }
        area.put(0, area, from, OUT_SIZE);
        area.putInt(PAYLOAD_LENGTH, payload);
    }

    private void mark(int at) {
        LONG.setRelease(area, at, commitId());
    }

    private boolean isMarked(int at) {
        return commitId() != 0 && area.getLong(at) == commitId();
    }

    private ByteBuffer part(int at, int size) {
        return area.slice(at, size).order(ByteOrder.nativeOrder());
    }
}

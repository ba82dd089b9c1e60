package dev.dogear.mount.uring;

import dev.dogear.store.StoreException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One io_uring: submissions of 128 bytes go in, completions come out. For the thread that opened it alone.
 *
 * <p>Offsets are those of struct io_uring_params, io_uring_sqe and io_uring_cqe.
 */
final class Ring implements AutoCloseable {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private static final int SETUP_SQE128 = 1 << 10;
    private static final int ENTER_GETEVENTS = 1;
    private static final long OFFSET_OF_SUBMISSIONS = 0x1000_0000;

    private static final int PARAMETERS_SIZE = 120;
    private static final int AT_SUBMISSIONS = 0;
    private static final int AT_COMPLETIONS = 4;
    private static final int AT_FLAGS = 8;
    private static final int AT_SUBMISSION_OFFSETS = 40;
    private static final int AT_COMPLETION_OFFSETS = 80;

    private static final int SUBMISSION_SIZE = 128;
    private static final int OPCODE = 0;
    private static final int FD = 4;
    private static final int COMMAND = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int USER_DATA = 32;
    private static final int COMMAND_ARGUMENTS = 48;
    private static final int OP_READ = 22;
    private static final int OP_URING_CMD = 46;

    private static final int COMPLETION_SIZE = 16;
    private static final int RESULT = 8;

    private final int fd;
    private final long ringAddress;
    private final int ringSize;
    private final ByteBuffer ring;
    private final long submissionsAddress;
    private final ByteBuffer submissions;
    private final int submissionTail;
    private final int submissionMask;
    private final int completionHead;
    private final int completionTail;
    private final int completionMask;
    private final int completions;
    private int tail;
    private int unsubmitted;

    /** Sees completions. */
    interface Completed {
        /**
         * Called once for each.
         *
         * @param result not negative, or an errno made negative
         */
        void completed(long userData, int result);
    }

    private Ring(int fd, ByteBuffer parameters) {
        this.fd = fd;
        int offsets = AT_SUBMISSION_OFFSETS;
        int count = parameters.getInt(AT_SUBMISSIONS);
        int array = parameters.getInt(offsets + 24);
        this.completions = parameters.getInt(AT_COMPLETION_OFFSETS + 20);
        this.ringSize = Math.max(
                array + count * Integer.BYTES, completions + parameters.getInt(AT_COMPLETIONS) * COMPLETION_SIZE);
        this.ringAddress = mapped(Calls.map(fd, ringSize, 0));
        this.ring = Calls.buffer(ringAddress, ringSize);
        int submissionsSize = count * SUBMISSION_SIZE;
        this.submissionsAddress = mapped(Calls.map(fd, submissionsSize, OFFSET_OF_SUBMISSIONS));
        this.submissions = Calls.buffer(submissionsAddress, submissionsSize);
        this.submissionTail = parameters.getInt(offsets + 4);
        this.submissionMask = ring.getInt(parameters.getInt(offsets + 8));
        this.completionHead = parameters.getInt(AT_COMPLETION_OFFSETS);
        this.completionTail = parameters.getInt(AT_COMPLETION_OFFSETS + 4);
        this.completionMask = ring.getInt(parameters.getInt(AT_COMPLETION_OFFSETS + 8));
        for (int i = 0; i < count; i++) {
            ring.putInt(array + i * Integer.BYTES, i);
        }
    }

    /**
     * Makes a ring for that many submissions at a time.
     *
     * @throws StoreException IO with the errno if the kernel refuses
     */
    static Ring open(int atATime) {
        ByteBuffer parameters = ByteBuffer.allocateDirect(PARAMETERS_SIZE).order(ByteOrder.nativeOrder());
        parameters.putInt(AT_FLAGS, SETUP_SQE128);
        int fd = Calls.setUp(atATime, Calls.address(parameters));
        if (fd < 0) {
            throw new StoreException(StoreException.Kind.IO, "io_uring_setup failed with errno " + -fd);
        }
        try {
            return new Ring(fd, parameters);
        } catch (StoreException e) {
            Calls.close(fd);
            throw e;
        }
    }

    private static long mapped(long address) {
        if (address < 0) {
            throw new StoreException(StoreException.Kind.IO, "io_uring's memory cannot be mapped: errno " + -address);
        }
        return address;
    }

    /** Submits a command of FUSE's; {@code address} and {@code length} as the command wants them. */
    void command(int device, int command, long address, int length, long commitId, int queue, long userData) {
        int at = next(OP_URING_CMD, device, address, length, userData);
        submissions.putInt(at + COMMAND, command);
        submissions.putLong(at + COMMAND_ARGUMENTS + 8, commitId);
        submissions.putShort(at + COMMAND_ARGUMENTS + 16, (short) queue);
        INT.setRelease(ring, submissionTail, tail);
    }

    /** Submits a read. */
    void read(int descriptor, long address, int length, long userData) {
        next(OP_READ, descriptor, address, length, userData);
        INT.setRelease(ring, submissionTail, tail);
    }

    private int next(int opcode, int descriptor, long address, int length, long userData) {
        if (unsubmitted > submissionMask) {
            submit();
        }
        int at = (tail & submissionMask) * SUBMISSION_SIZE;
        for (int i = 0; i < SUBMISSION_SIZE; i += Long.BYTES) {
            submissions.putLong(at + i, 0);
        }
        submissions.put(at + OPCODE, (byte) opcode);
        submissions.putInt(at + FD, descriptor);
        submissions.putLong(at + ADDRESS, address);
        submissions.putInt(at + LENGTH, length);
        submissions.putLong(at + USER_DATA, userData);
        tail++;
        unsubmitted++;
        return at;
    }

    /** Hands over what was submitted, waiting for nothing. */
    void submit() {
        while (unsubmitted > 0 && enter(0)) {
            // more
        }
    }

    /** The same, and waits until something is completed. */
    boolean submitAndWait() {
        return enter(1);
    }

    private boolean enter(int await) {
        int result = Calls.enter(fd, unsubmitted, await, ENTER_GETEVENTS);
        if (result >= 0) {
            unsubmitted -= result;
        }
        return result >= 0 || result == -Calls.EINTR || result == -Calls.EAGAIN || result == -Calls.EBUSY;
    }

    /** Shows one completion, if there is one. */
    boolean next(Completed completed) {
        int head = ring.getInt(completionHead);
        if (head == (int) INT.getAcquire(ring, completionTail)) {
            return false;
        }
        int at = completions + (head & completionMask) * COMPLETION_SIZE;
        long userData = ring.getLong(at);
        int result = ring.getInt(at + RESULT);
        INT.setRelease(ring, completionHead, head + 1);
        completed.completed(userData, result);
        return true;
    }

    /** Whether a completion is there. */
    boolean hasNext() {
        return ring.getInt(completionHead) != (int) INT.getAcquire(ring, completionTail);
    }

    @Override
    public void close() {
        Calls.unmap(submissionsAddress, submissions.capacity());
        Calls.unmap(ringAddress, ringSize);
        Calls.close(fd);
    }
}

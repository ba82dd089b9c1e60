package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.Processes;
import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import java.lang.ref.Reference;
import java.util.function.BooleanSupplier;

/** Waits for the death of a process that need not be a child. */
final class ProcessWatch {
    private static final int PERIOD_MS = 50;
    private static final int POLL_SIZE = 8;
    private static final short POLLIN = 1;

    private ProcessWatch() {}

    /**
     * Returns when the process is dead. One whose first thread has ended is, though another of its threads may be held in the
     * kernel, waiting for the very mount that a successor is to serve.
     *
     * @param each asked several times a second; ends the wait with true
     */
    static void await(long pid, BooleanSupplier each) {
        int descriptor = LibC.openProcess(pid);
        if (descriptor < 0) {
            return;
        }
        NativeMemory memory = new NativeMemory(POLL_SIZE);
        try {
            while (!each.getAsBoolean()) {
                memory.buffer().putInt(0, descriptor);
                memory.buffer().putShort(4, POLLIN);
                memory.buffer().putShort(6, (short) 0);
                if (LibC.poll(memory.address(), 1, PERIOD_MS) > 0 || !Processes.isAlive(pid)) {
                    return;
                }
            }
        } finally {
            Reference.reachabilityFence(memory);
            LibC.close(descriptor);
        }
    }
}

package dev.dogear.mount.keeper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
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
                if (LibC.poll(memory.address(), 1, PERIOD_MS) > 0 || !isAlive(pid)) {
                    return;
                }
            }
        } finally {
            Reference.reachabilityFence(memory);
            LibC.close(descriptor);
        }
    }

    /** Whether its first thread runs. */
    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), ISO_8859_1);
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state != 'Z' && state != 'X';
        } catch (IOException e) {
            return false;
        }
    }
}

package dev.dogear.mount.keeper;

import dev.dogear.mount.kernel.LibC;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which processes go first where there is not enough time for all: ours, since the programs in the mount wait for them. A spare that is
 * got ready at the pace of the load it is to take over comes too late. Inherited by what a process starts.
 */
final class Precedence {
    private static final int OURS = -10;

    private Precedence() {}

    /** Of the calling thread, and of the group of its session where the kernel has such. Only root may; nobody else needs to know. */
    static void take() {
        LibC.setPriority(OURS);
        try {
            Files.writeString(Path.of("/proc/self/autogroup"), Integer.toString(OURS));
        } catch (IOException e) {
            // There is none, or we are not root.
        }
    }
}

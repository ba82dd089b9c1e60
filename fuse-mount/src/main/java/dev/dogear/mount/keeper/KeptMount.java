package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.mounts.MountOptions;
import dev.dogear.mount.mounts.Mounting;
import dev.dogear.store.StoreException;
import java.nio.file.Path;

/** The mount as a keeper has it: its device as descriptor 0 and the shared memory, readable only, as descriptor 1. */
final class KeptMount {
    private static final int DEVICE = 0;
    private static final int MEMORY = 1;
    private static final int ERROR = 2;
    private static final Path SHARED = Path.of("/proc/self/fd/1");

    private final Path mountpoint;
    private final HandOver handOver;

    private KeptMount(Path mountpoint, HandOver handOver) {
        this.mountpoint = mountpoint;
        this.handOver = handOver;
    }

    /** Mounts. */
    static KeptMount create(MountOptions options) {
        Mounting mounting = Mounting.mount(options);
        try {
            int memory = checked(LibC.memoryFile("dogear-hand-over"));
            int readable = checked(LibC.openAt(LibC.AT_FDCWD, "/proc/self/fd/" + memory, LibC.O_RDONLY));
            checked(LibC.duplicateTo(mounting.device(), DEVICE));
            checked(LibC.duplicateTo(readable, MEMORY));
            LibC.close(mounting.device());
            LibC.close(memory);
            LibC.close(readable);
            return new KeptMount(mounting.mountpoint(), HandOver.open(SHARED));
        } catch (StoreException e) {
            mounting.detach();
            throw e;
        }
    }

    /** Goes on with the mount that whoever started this process has left in descriptors 0 and 1. */
    static KeptMount inherited(Path mountpoint) {
        return new KeptMount(mountpoint, HandOver.open(SHARED));
    }

    Path mountpoint() {
        return mountpoint;
    }

    HandOver handOver() {
        return handOver;
    }

    /** Ends the connection: every program that waits in the mount gets an error. */
    void abort() {
        if (!Mounting.abort(mountpoint)) {
            Keeper.say("the connection cannot be aborted; it ends with this process");
        }
    }

    /** The descriptor 1 that was inherited becomes free for what a process says. */
    static void freeOutput() {
        LibC.duplicateTo(ERROR, MEMORY);
    }

    /** Another name for descriptor 1. */
    static int keepMemory() {
        return checked(LibC.openAt(LibC.AT_FDCWD, SHARED.toString(), LibC.O_RDONLY));
    }

    /** Makes a memory descriptor number 1 again, for a child. */
    static void offerMemory(int descriptor) {
        checked(LibC.duplicateTo(descriptor, MEMORY));
    }

    private static int checked(int result) {
        if (result < 0) {
            throw new StoreException(
                    StoreException.Kind.IO, "the memory shared with daemons cannot be made: errno " + -result);
        }
        return result;
    }
}

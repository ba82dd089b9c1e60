package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.LibC;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The mount as the helper is left with it when its daemon is gone. Either another daemon serves it, or nobody does any more and
 * the helper is the last who can take it away. A mount that was made at the same place since is left alone.
 */
final class AbandonedMount {
    /** Longer than a process takes to say that it has a part; its place may have been taken by one that does not say so yet. */
    private static final int ABANDONED_SECONDS = Integer.getInteger("dogear.abandoned.seconds", 15);

    private static final String PROBE = ".dogear-is-anybody-there";

    private final Path mountpoint;
    private final String device;

    /** Of its root, open as long as we are: the device's number is not given to another mount meanwhile. Opening it asks no daemon. */
    private final int root;

    AbandonedMount(Path mountpoint) {
        this.mountpoint = mountpoint;
        this.root = LibC.openAt(LibC.AT_FDCWD, mountpoint.toString(), LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        this.device =
                MountTable.read().at(mountpoint).map(MountTable.Row::device).orElse("");
    }

    /** The mount is about to be taken away by order. */
    void letGo() {
        LibC.close(root);
    }

    /**
     * Aborts the mount when it is kept and nobody is left who could serve it, which takes the end of the connection or of our input for
     * granted no more: a thread of the dead daemon that the kernel holds keeps all of its descriptors open.
     */
    void watch(HandOver handOver) {
        int abandoned = 0;
        while (abandoned < ABANDONED_SECONDS && !handOver.isEnded()) {
            sleep();
            abandoned = handOver.isAbandoned() ? abandoned + 1 : 0;
        }
        if (!handOver.isEnded()) {
            System.err.println("dogear: nobody is left who could serve " + mountpoint + "; the mount is aborted");
            Mounting.abort(root, device);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Takes the mount away if it is dead. While it lives, or while a daemon is to come, the look-up of a name that is not there waits
     * for that one to answer it.
     */
    void end() {
        int probe = LibC.openAt(root, PROBE, LibC.O_PATH);
        if (probe == -LibC.ENOTCONN || probe == -LibC.ECONNABORTED) {
            Mounting.detachRoot(root);
            MountTable.read().ofDevice(device).forEach(row -> Mounting.detach(Path.of(row.mountpoint())));
        }
    }
}

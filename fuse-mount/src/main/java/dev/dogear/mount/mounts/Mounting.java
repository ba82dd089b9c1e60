package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A mount that was made and is not served yet.
 *
 * @param mountpoint the real path
 * @param device the descriptor of its connection with the kernel, with O_CLOEXEC
 */
public record Mounting(Path mountpoint, int device) {
    private static final int MNT_FORCE = 1;
    private static final int MNT_DETACH = 2;

    /**
     * Mounts by mount(2) as root, else through fusermount3.
     *
     * @throws StoreException as {@link #place}
     */
    public static Mounting mount(MountOptions options) {
        return at(place(options), options);
    }

    /**
     * Makes the mount point ready, if what is asked for may be had.
     *
     * @return its real path
     * @throws StoreException INVALID if the mount point is not an empty directory, or if somebody who is not root asks for set-id
     *     bits or devices; IN_USE if a Dogear is mounted there, with what to do
     */
    static Path place(MountOptions options) {
        if ((options.suid() || options.dev()) && !DirectMounting.possible()) {
            throw new StoreException(Kind.INVALID, "only root's own mounts may have set-id bits and device nodes");
        }
        return Mountpoint.prepare(options.mountpoint());
    }

    /** The same at a place that is ready. */
    static Mounting at(Path mountpoint, MountOptions options) {
        int device = DirectMounting.possible()
                ? DirectMounting.mount(mountpoint, options)
                : FusermountMounting.mount(mountpoint, options);
        return new Mounting(mountpoint, device);
    }

    /** Takes it out of sight, whoever still uses it. */
    public void detach() {
        detach(mountpoint);
    }

    /**
     * Ends the connection, so that every program that waits in the mount gets an error, and takes it out of sight.
     *
     * @return whether the connection was ended: who is not root needs the kernel's control file system for it
     */
    public static boolean abort(Path mountpoint) {
        if (LibC.unmount(mountpoint.toString(), MNT_FORCE | MNT_DETACH) >= 0) {
            return true;
        }
        boolean ended = MountTable.read()
                .at(mountpoint)
                .map(row -> endByFile(row.device()))
                .orElse(false);
        detach(mountpoint);
        return ended;
    }

    /**
     * The same, with no look at what is mounted at the path now.
     *
     * @param root a descriptor of the mount's root directory
     */
    static void abort(int root, String device) {
        if (LibC.unmount(byDescriptor(root), MNT_FORCE | MNT_DETACH) < 0) {
            endByFile(device);
        }
    }

    /** Takes that very mount out of sight, if we are root. */
    static void detachRoot(int root) {
        LibC.unmount(byDescriptor(root), MNT_DETACH);
    }

    private static String byDescriptor(int root) {
        return "/proc/self/fd/" + root;
    }

    /** The kernel calls a connection by the minor number of its device. */
    private static boolean endByFile(String device) {
        String minor = device.substring(device.indexOf(':') + 1);
        try {
            Files.writeString(Path.of("/sys/fs/fuse/connections", minor, "abort"), "1");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes what is mounted there out of sight, whoever still uses it. */
    public static void detach(Path mountpoint) {
        if (LibC.unmount(mountpoint.toString(), MNT_DETACH) < 0) {
            FusermountMounting.unmount(mountpoint.toString());
        }
    }
}

package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounting by mount(2), for root. */
final class DirectMounting {
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final int EPERM = 1;
    private static final int ENODEV = 19;

    private DirectMounting() {}

    /** Whether we are root. */
    static boolean possible() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "cannot read /proc/self", e);
        }
    }

    /**
     * Mounts onto the directory itself, held by a descriptor, so that nobody can put another in its place meanwhile.
     *
     * @return the device's descriptor
     */
    static int mount(Path mountpoint, MountOptions options) {
        int directory =
                LibC.openAt(LibC.AT_FDCWD, mountpoint.toString(), LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_DIRECTORY);
        if (directory < 0) {
            throw new StoreException(Kind.IO, "cannot open the mount point " + mountpoint + ": errno " + -directory);
        }
        try {
            return mountOn(directory, mountpoint, options);
        } finally {
            LibC.close(directory);
        }
    }

    private static int mountOn(int directory, Path mountpoint, MountOptions options) {
        int device = LibC.openAt(LibC.AT_FDCWD, "/dev/fuse", LibC.O_RDWR);
        if (device < 0) {
            throw new StoreException(
                    Kind.IO,
                    "cannot open /dev/fuse: errno " + -device + "; is the fuse module loaded (modprobe fuse)?");
        }
        String data = "fd=" + device + ",rootmode=40000,user_id=0,group_id=0,default_permissions"
                + (options.allowOther() ? ",allow_other" : "");
        long flags = (options.suid() ? 0 : MS_NOSUID) | (options.dev() ? 0 : MS_NODEV);
        int result = LibC.mount("dogear", "/proc/self/fd/" + directory, Mountpoint.TYPE, flags, data);
        if (result < 0) {
            LibC.close(device);
            String why = result == -EPERM || result == -ENODEV ? "the kernel does not allow it here" : "";
            throw new StoreException(
                    Kind.IO,
                    "mounting on " + mountpoint + " failed: errno " + -result + (why.isEmpty() ? "" : ", " + why));
        }
        return device;
    }
}

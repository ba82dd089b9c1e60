package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.Negotiation;
import java.nio.file.Path;
import java.util.List;

/**
 * How the store is to be mounted.
 *
 * @param mountpoint an empty directory
 * @param allowOther whether other users may come in; permissions are checked by the kernel in any case
 * @param suid whether set-id bits work in the mount; root only
 * @param dev whether device nodes work in the mount; root only
 * @param highestMinor of the FUSE protocol, lower than {@link Negotiation#NEWEST_MINOR} to play an older kernel
 * @param transport {@link #AUTO}, {@link #IO_URING}, {@link #KERNEL} or {@link #JNR_FUSE}
 */
public record MountOptions(
        Path mountpoint, boolean allowOther, boolean suid, boolean dev, int highestMinor, String transport) {
    /** By io_uring where the host offers it and nothing can be lost by it, else by the device. */
    public static final String AUTO = "auto";

    /** FUSE over io_uring; where the host does not offer it, the device. */
    public static final String IO_URING = "io-uring";

    /** The device, spoken to directly. */
    public static final String KERNEL = "kernel";

    /** Through jnr-fuse and libfuse 2.9. */
    public static final String JNR_FUSE = "jnr-fuse";

    private static final List<String> TRANSPORTS = List.of(AUTO, IO_URING, KERNEL, JNR_FUSE);

    /** A mount for oneself. */
    public static MountOptions at(Path mountpoint) {
        return new MountOptions(mountpoint, false, false, false, Negotiation.NEWEST_MINOR, KERNEL);
    }

    /** The same, for other users too. */
    public MountOptions forOthers() {
        return new MountOptions(mountpoint, true, suid, dev, highestMinor, transport);
    }

    /** The same, where set-id bits or device nodes work as on root's own disks. */
    public MountOptions trusted(boolean withSuid, boolean withDev) {
        return new MountOptions(mountpoint, allowOther, withSuid, withDev, highestMinor, transport);
    }

    /** The same, by that transport. */
    public MountOptions by(String name) {
        if (!TRANSPORTS.contains(name)) {
            throw new IllegalArgumentException("no transport " + name + "; there are " + String.join(", ", TRANSPORTS));
        }
        return new MountOptions(mountpoint, allowOther, suid, dev, highestMinor, name);
    }

    /** The same, with no more than a kernel of that protocol version knows; {@code "7.31"} for example. */
    public MountOptions protocol(String version) {
        if (!version.matches("7\\.\\d{1,3}")) {
            throw new IllegalArgumentException("not a FUSE protocol version such as 7.31: " + version);
        }
        int minor = Integer.parseInt(version.substring(2));
        if (minor < Negotiation.OLDEST_MINOR) {
            throw new IllegalArgumentException("the oldest protocol supported is 7." + Negotiation.OLDEST_MINOR);
        }
        return new MountOptions(mountpoint, allowOther, suid, dev, minor, transport);
    }
}

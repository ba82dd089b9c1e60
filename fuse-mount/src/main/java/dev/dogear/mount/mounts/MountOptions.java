package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.Negotiation;
import java.nio.file.Path;

/**
 * How the store is to be mounted.
 *
 * @param mountpoint an empty directory
 * @param allowOther whether other users may come in; permissions are checked by the kernel in any case
 * @param suid whether set-id bits and device nodes work in the mount; root only
 * @param highestMinor of the FUSE protocol, lower than {@link Negotiation#NEWEST_MINOR} to play an older kernel
 */
public record MountOptions(Path mountpoint, boolean allowOther, boolean suid, int highestMinor) {
    /** A mount for oneself. */
    public static MountOptions at(Path mountpoint) {
        return new MountOptions(mountpoint, false, false, Negotiation.NEWEST_MINOR);
    }

    /** The same, for other users too. */
    public MountOptions forOthers() {
        return new MountOptions(mountpoint, true, suid, highestMinor);
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
        return new MountOptions(mountpoint, allowOther, suid, minor);
    }
}

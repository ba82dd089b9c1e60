package dev.dogear.mount.vfs;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who this process runs as. */
record DaemonUser(int uid, int gid) {
    private static final Path SELF = Path.of("/proc/self");

    /** @throws StoreException IO if the system does not say */
    static DaemonUser ask() {
        try {
            return new DaemonUser(
                    (int) Files.getAttribute(SELF, "unix:uid"), (int) Files.getAttribute(SELF, "unix:gid"));
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.IO, "cannot read /proc/self to learn who the daemon runs as", e);
        }
    }
}

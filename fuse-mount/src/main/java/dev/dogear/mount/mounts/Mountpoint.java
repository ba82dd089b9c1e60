package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The directory a mount goes onto: checked with errors that say what to do. */
final class Mountpoint {
    static final String TYPE = "fuse.dogear";

    private Mountpoint() {}

    /** The path with no links and no {@code ..} in it, made if it is not there and fit to be mounted on. */
    static Path prepare(Path wanted) {
        Path absolute = wanted.toAbsolutePath().normalize();
        Optional<MountTable.Row> there = MountTable.read().at(absolute);
        if (there.isPresent() && there.get().type().equals(TYPE)) {
            clear(absolute);
        }
        try {
            if (Files.notExists(absolute)) {
                Files.createDirectories(
                        absolute, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
            Path real = absolute.toRealPath();
            if (!Files.isDirectory(real)) {
                throw new StoreException(Kind.INVALID, "the mount point is not a directory: " + wanted);
            }
            checkEmpty(real, wanted);
            return real;
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "cannot use the mount point " + wanted + ": " + e.getMessage(), e);
        }
    }

    private static void checkEmpty(Path directory, Path wanted) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new StoreException(Kind.INVALID, "the mount point is not empty: " + wanted);
            }
        }
    }

    /** Takes away what a daemon that died without a successor left there. @throws StoreException IN_USE if it lives */
    private static void clear(Path mountpoint) {
        int fd = LibC.openAt(LibC.AT_FDCWD, mountpoint.toString(), LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd >= 0) {
            LibC.close(fd);
        }
        if (fd == -LibC.ENOTCONN || fd == -LibC.ECONNABORTED) {
            Mounting.detach(mountpoint);
            return;
        }
        throw new StoreException(Kind.IN_USE, "a Dogear is mounted already at " + mountpoint);
    }
}

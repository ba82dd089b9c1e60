package dev.dogear.control.mounted;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small ext4 of its own, in a file: a disk that a test can fill. Needs root. */
final class LoopDisk implements AutoCloseable {
    private final Path mount;

    private LoopDisk(Path mount) {
        this.mount = mount;
    }

    static LoopDisk create(Path folder, long bytes) throws IOException {
        Path image = folder.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        Path mount = Files.createDirectories(folder.resolve("disk"));
        // No blocks for root alone, no lazy start: what is free is what df says.
        Command.of("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", image.toString())
                .run();
        Command.of("mount", "-o", "loop", image.toString(), mount.toString()).run();
        return new LoopDisk(mount);
    }

    Path path() {
        return mount;
    }

    long free() throws IOException {
        return Files.getFileStore(mount).getUsableSpace();
    }

    @Override
    public void close() {
        Command.of("umount", mount.toString()).run();
    }
}

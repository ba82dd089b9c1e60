package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small ext4 of its own, in a file: a disk that a test can fill, or cut off from its power. Needs root. */
final class LoopDisk implements AutoCloseable {
    /** FS_IOC_SHUTDOWN without flushing the log: from then on nothing reaches the disk, and every call gets EIO. */
    private static final String CUTTER = """
            import fcntl, os, struct, sys
            disk = os.open(sys.argv[1], os.O_RDONLY)
            print("ready", flush=True)
            if sys.stdin.readline():
                fcntl.ioctl(disk, 0x8004587D, struct.pack("I", 2))
                print("cut", flush=True)
            """;

    private final Path image;
    private final Path mount;

    private LoopDisk(Path image, Path mount) {
        this.image = image;
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
        LoopDisk disk = new LoopDisk(image, mount);
        disk.mount();
        return disk;
    }

    private void mount() {
        Command.of("mount", "-o", "loop", image.toString(), mount.toString()).run();
    }

    /** Makes ready what cuts the power at once when it is told to. */
    Cutter cutter() throws IOException {
        Process process = new ProcessBuilder("python3", "-c", CUTTER, mount.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Cutter cutter = new Cutter(process, process.inputReader(UTF_8));
        cutter.expect("ready");
        return cutter;
    }

    /** Power is back: the file system recovers from its own log. Nobody may have a file of it open. */
    void powerUp() {
        Command.of("umount", mount.toString()).run();
        mount();
    }

    /** Cuts the power once. */
    record Cutter(Process process, BufferedReader said) {
        void cut() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            expect("cut");
        }

        private void expect(String word) throws IOException {
            String line = said.readLine();
            if (!word.equals(line)) {
                throw new IOException("the cutter said " + line + " instead of " + word);
            }
        }
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

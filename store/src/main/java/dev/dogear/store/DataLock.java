package dev.dogear.store;

import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Holds a data folder for this process; the kernel lets go of it when the process ends, however it ends. */
public final class DataLock implements AutoCloseable {
    private static final int PID_BYTES_MAX = 20;

    private final FileChannel channel;

    private DataLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws StoreException IN_USE naming the process that has it */
    public static DataLock take(Path data) {
        Path file = file(data);
        try {
            Files.createDirectories(file.resolveSibling(""));
            while (true) {
                Object before = key(file);
                FileChannel channel = open(file);
                if (tryLock(channel) == null) {
                    String owner = read(channel);
                    channel.close();
                    throw new StoreException(
                            Kind.IN_USE, "Another daemon (process " + owner + ") has this data folder open: " + data);
                }
                // What we have is the file of that name, which was there before and after.
                if (before != null && before.equals(key(file))) {
                    return signed(channel);
                }
                channel.close(); // new, or of a file that somebody has replaced meanwhile
            }
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /**
     * Takes it from a process that is dead but for a thread the kernel holds, which keeps its locks: by another file in the place of
     * the one it has locked.
     */
    public static DataLock takeOver(Path data) {
        Path file = file(data);
        Path fresh = file.resolveSibling("lock." + ProcessHandle.current().pid());
        try {
            Files.deleteIfExists(fresh);
            FileChannel channel = open(fresh);
            if (tryLock(channel) == null) {
                throw new IOException("somebody else has locked " + fresh);
            }
            DataLock taken = signed(channel);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            return taken;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /** The process that has it, or had it last; 0 if nobody says. Not to be asked by that process: it would lose the lock. */
    public static long owner(Path data) {
        try {
            String text = Files.readString(file(data), StandardCharsets.US_ASCII);
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static Path file(Path data) {
        return data.resolve("server").resolve("lock");
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Which file has that name; null if none. It is not opened for this: its closing would end the lock of this process. */
    private static @Nullable Object key(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static DataLock signed(FileChannel channel) throws IOException {
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        return new DataLock(channel);
    }

    private static StoreException unusable(Path file, IOException e) {
        return new StoreException(Kind.IO, "The data folder cannot be locked: " + file, e);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(PID_BYTES_MAX);
        channel.read(pid, 0);
        return new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The lock of the data folder cannot be given back", e);
        }
    }
}

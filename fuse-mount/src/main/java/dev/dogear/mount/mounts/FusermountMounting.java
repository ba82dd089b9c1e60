package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Mounting without being root: the set-user-id program {@code fusermount3} mounts and hands the device back over a socket. It is
 * spawned natively because Java closes the socket in children.
 */
final class FusermountMounting {
    private static final String PROGRAM = "fusermount3";
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final int MEMORY = 64 << 10;
    private static final int EIO = 5;

    /** Where things lie in the native memory: sockets, pid and status, the message and its parts, then strings. */
    private static final int PAIR = 0;

    private static final int PID = 8;
    private static final int STATUS = 12;

    /** struct msghdr, struct iovec with its byte, struct cmsghdr with one descriptor. */
    private static final int MESSAGE = 16;

    private static final int VECTOR = 80;
    private static final int VECTOR_BYTES = 96;
    private static final int CONTROL = 104;
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_DATA = 16;
    private static final int STRINGS = 256;

    private final NativeMemory memory = new NativeMemory(MEMORY);
    private final ByteBuffer buffer = memory.buffer();
    private int used = STRINGS;

    private FusermountMounting() {}

    /** @return the device's descriptor */
    static int mount(Path mountpoint, MountOptions options) {
        String data = "rw,nosuid,nodev,fsname=dogear,subtype=dogear,default_permissions"
                + (options.allowOther() ? ",allow_other" : "");
        FusermountMounting mounting = new FusermountMounting();
        try {
            return mounting.run(List.of(PROGRAM, "-o", data, "--", mountpoint.toString()))
                    .orElseThrow(() -> refused(mountpoint, options));
        } finally {
            Reference.reachabilityFence(mounting);
        }
    }

    /** The program itself has said why; what helps is said here. */
    private static StoreException refused(Path mountpoint, MountOptions options) {
        String mend = "";
        if (!Files.isWritable(DEVICE)) {
            mend = "; " + DEVICE + " has to be open to all users (as root: chmod 666 " + DEVICE + ")";
        } else if (options.allowOther()) {
            mend = "; for --allow-other, /etc/fuse.conf has to say user_allow_other";
        }
        return new StoreException(Kind.IO, PROGRAM + " did not mount on " + mountpoint + mend);
    }

    /** Out of sight at once, gone with its last user. @return errno or 0 */
    static int unmount(String mountpoint) {
        try {
            Process process = new ProcessBuilder(PROGRAM, "-u", "-z", "--", mountpoint)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? 0 : EIO;
        } catch (IOException e) {
            return EIO;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return EIO;
        }
    }

    private OptionalInt run(List<String> command) {
        int made = LibC.socketPair(memory.address() + PAIR);
        if (made < 0) {
            throw new StoreException(Kind.IO, "no socket to mount with: errno " + -made);
        }
        int ours = buffer.getInt(PAIR);
        int theirs = buffer.getInt(PAIR + Integer.BYTES);
        try {
            List<String> environment = new ArrayList<>(List.of("_FUSE_COMMFD=" + theirs));
            environment.add("PATH=" + System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
            int spawned = LibC.spawn(memory.address() + PID, PROGRAM, pointers(command), pointers(environment));
            if (spawned < 0) {
                throw new StoreException(
                        Kind.IO,
                        "only root can mount without " + PROGRAM + ", which does not start: errno " + -spawned);
            }
        } finally {
            LibC.close(theirs);
        }
        try {
            return receive(ours);
        } finally {
            LibC.close(ours);
            LibC.await(buffer.getInt(PID), memory.address() + STATUS);
        }
    }

    /** @return the descriptor that was sent, if one was */
    private OptionalInt receive(int socket) {
        long base = memory.address();
        buffer.putLong(VECTOR, base + VECTOR_BYTES);
        buffer.putLong(VECTOR + 8, 1);
        buffer.putLong(MESSAGE, 0);
        buffer.putLong(MESSAGE + 8, 0);
        buffer.putLong(MESSAGE + 16, base + VECTOR);
        buffer.putLong(MESSAGE + 24, 1);
        buffer.putLong(MESSAGE + 32, base + CONTROL);
        buffer.putLong(MESSAGE + 40, CONTROL_SIZE);
        buffer.putLong(MESSAGE + 48, 0);
        long received;
        do {
            received = LibC.receive(socket, base + MESSAGE);
        } while (received == -LibC.EINTR);
        if (received <= 0 || buffer.getLong(MESSAGE + 40) < CONTROL_DATA + Integer.BYTES) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(buffer.getInt(CONTROL + CONTROL_DATA));
    }

    /** An array of C strings ending in null. @return its address */
    private long pointers(List<String> texts) {
        long[] addresses = new long[texts.size()];
        for (int i = 0; i < addresses.length; i++) {
            byte[] text = LibC.text(texts.get(i));
            buffer.put(used, text);
            addresses[i] = memory.address() + used;
            used += text.length;
        }
        used = used + 7 & ~7;
        long array = memory.address() + used;
        for (long address : addresses) {
            buffer.putLong(used, address);
            used += Long.BYTES;
        }
        buffer.putLong(used, 0);
        used += Long.BYTES;
        return array;
    }
}

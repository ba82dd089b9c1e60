package dev.dogear.mount.differential;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A directory that operations are tried on, with the descriptors they opened. */
final class Target implements AutoCloseable {
    static final int SLOTS = 12;
    private static final int CLOSED = -1;
    private static final byte[] SELF = {'.'};

    private final byte[] base;
    private final int[] descriptors = new int[SLOTS];

    Target(Path directory) {
        base = (directory + "/").getBytes(StandardCharsets.UTF_8);
        Arrays.fill(descriptors, CLOSED);
    }

    /** The path below the directory, as the system takes it; an empty one is the directory itself. */
    byte[] at(byte[] path) {
        return path.length == 0 ? below(SELF) : below(path);
    }

    private byte[] below(byte[] path) {
        byte[] whole = Arrays.copyOf(base, base.length + path.length + 1);
        System.arraycopy(path, 0, whole, base.length, path.length);
        return whole;
    }

    /** The descriptor in that slot; one that is EBADF if there is none. */
    int descriptor(int slot) {
        return descriptors[slot];
    }

    boolean isOpen(int slot) {
        return descriptors[slot] != CLOSED;
    }

    /** Opens into a slot, closing what was there. @return 0 or the negative errno: numbers of descriptors differ */
    long open(int slot, byte[] path, int flags, int mode) {
        close(slot);
        int all = flags | LibC.O_CLOEXEC | LibC.O_NONBLOCK;
        long fd = LibC.checked(LibC.calls().openat(LibC.AT_FDCWD, at(path), all, mode));
        if (fd >= 0) {
            descriptors[slot] = (int) fd;
            return 0;
        }
        return fd;
    }

    long close(int slot) {
        if (descriptors[slot] == CLOSED) {
            return 0;
        }
        long result = LibC.checked(LibC.calls().close(descriptors[slot]));
        descriptors[slot] = CLOSED;
        return result;
    }

    @Override
    public void close() {
        for (int slot = 0; slot < SLOTS; slot++) {
            close(slot);
        }
    }
}

package dev.dogear.mount.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was agreed with the kernel at INIT. A capability whose longer message we would misread is not in the list, and one that
 * came after the version agreed is not asked for.
 *
 * <p>DONT_MASK goes with POSIX_ACL: whether the umask counts depends on the directory's default list.
 *
 * <p>Left out on purpose: POSIX_LOCKS and FLOCK_LOCKS (the kernel's own locks are right on one host), EXPORT_SUPPORT (without it the kernel answers {@code open_by_handle_at} of a node it does not hold with
 * ESTALE by itself, so a push asks us about nothing), SETXATTR_EXT, ALLOW_IDMAP, HANDLE_KILLPRIV (its semantic cannot be met
 * under writeback; below 7.33 the kernel clears set-id bits by SETATTR itself).
 *
 * @param minor of the protocol, the lower of the kernel's and ours
 * @param kernelMinor what the kernel offered
 * @param flags the capabilities agreed
 */
public record Negotiation(int minor, int kernelMinor, long flags) {
    /** The version this package was written for. */
    public static final int NEWEST_MINOR = 45;

    /** Linux 5.4. */
    public static final int OLDEST_MINOR = 31;

    /** Bytes of the longest READ and WRITE: 256 pages of 4 KiB. */
    static final int MAX_WRITE = 1 << 20;

    private static final int MAJOR = 7;
    private static final int MAX_PAGES = 256;
    private static final int MAX_BACKGROUND = 64;
    private static final int CONGESTION = 48;

    /** A bit of the flags, and the minor version that brought it. */
    enum Capability {
        ASYNC_READ(0, 0),
        ATOMIC_O_TRUNC(3, 0),
        BIG_WRITES(5, 0),
        DONT_MASK(6, 0),
        DO_READDIRPLUS(13, 21),
        READDIRPLUS_AUTO(14, 21),
        ASYNC_DIO(15, 22),
        WRITEBACK_CACHE(16, 23),
        PARALLEL_DIROPS(18, 25),
        POSIX_ACL(20, 26),
        ABORT_ERROR(21, 27),
        MAX_PAGES(22, 28),
        CACHE_SYMLINKS(23, 28),
        EXPLICIT_INVAL_DATA(25, 30),
        HANDLE_KILLPRIV_V2(28, 33),
        INIT_EXT(30, 36),
        HAS_EXPIRE_ONLY(35, 38),
        DIRECT_IO_ALLOW_MMAP(36, 39),
        HAS_RESEND(39, 40),
        OVER_IO_URING(41, 42);

        private final int bit;
        private final int since;

        Capability(int bit, int since) {
            this.bit = bit;
            this.since = since;
        }
    }

    /**
     * What to agree on at most.
     *
     * @param highestMinor what to go up to, so that an older kernel can be played
     * @param rings whether there are rings: once they are agreed the kernel waits for them
     */
    record Wish(int highestMinor, boolean rings) {}

    /** Whether requests come by rings, for connections with these flags. */
    public static boolean hasRings(long flags) {
        return (flags >>> Capability.OVER_IO_URING.bit & 1) != 0;
    }

    /** Whether {@code capability} was agreed. */
    boolean has(Capability capability) {
        return (flags >>> capability.bit & 1) != 0;
    }

    /** What this kernel does without, by name: for the start message and {@code status}. Rings are a choice, and not in it. */
    public List<String> missing() {
        List<String> names = new ArrayList<>();
        for (Capability capability : Capability.values()) {
            if (!has(capability) && capability != Capability.OVER_IO_URING) {
                names.add(capability.name());
            }
        }
        return names;
    }

    /**
     * Agrees on what an INIT request offers.
     *
     * @return null if the kernel is too old
     */
    static @Nullable Negotiation of(Request init, Wish wish) {
        int kernelMinor = init.getInt(Wire.INIT_MINOR);
        if (init.getInt(Wire.INIT_MAJOR) != MAJOR || kernelMinor < OLDEST_MINOR) {
            return null;
        }
        int minor = Math.min(kernelMinor, Math.min(NEWEST_MINOR, wish.highestMinor()));
        long offered = Integer.toUnsignedLong(init.getInt(Wire.INIT_FLAGS));
        if ((offered >>> Capability.INIT_EXT.bit & 1) != 0 && minor >= Capability.INIT_EXT.since) {
            offered |= Integer.toUnsignedLong(init.getInt(Wire.INIT_FLAGS2)) << Integer.SIZE;
        }
        long wanted = 0;
        for (Capability capability : Capability.values()) {
            if (capability.since <= minor && (capability != Capability.OVER_IO_URING || wish.rings())) {
                wanted |= 1L << capability.bit;
            }
        }
        return new Negotiation(minor, kernelMinor, offered & wanted);
    }

    /** The answer to INIT: struct fuse_init_out. */
    void put(Request init, Reply reply) {
        ByteBuffer room = reply.buffer();
        int at = Wire.OUT_SIZE;
        Wire.zero(room, at, Wire.INIT_OUT_SIZE);
        room.putInt(at + Wire.INIT_MAJOR, MAJOR);
        room.putInt(at + Wire.INIT_MINOR, minor);
        room.putInt(at + Wire.INIT_READAHEAD, Math.max(init.getInt(Wire.INIT_READAHEAD), MAX_WRITE));
        room.putInt(at + Wire.INIT_FLAGS, (int) flags);
        room.putShort(at + Wire.INIT_OUT_BACKGROUND, (short) MAX_BACKGROUND);
        room.putShort(at + Wire.INIT_OUT_CONGESTION, (short) CONGESTION);
        room.putInt(at + Wire.INIT_OUT_MAX_WRITE, MAX_WRITE);
        room.putInt(at + Wire.INIT_OUT_TIME_GRANULARITY, 1);
        room.putShort(at + Wire.INIT_OUT_MAX_PAGES, (short) MAX_PAGES);
        room.putInt(at + Wire.INIT_OUT_FLAGS2, (int) (flags >>> Integer.SIZE));
        reply.payload(Wire.INIT_OUT_SIZE);
    }
}

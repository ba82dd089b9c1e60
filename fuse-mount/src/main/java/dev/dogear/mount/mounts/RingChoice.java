package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.Connection;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.uring.Rings;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests are to come by io_uring, and why not.
 *
 * @param rings null for the device alone
 * @param why there are none; empty if there are
 */
record RingChoice(@Nullable Rings rings, String why) {
    private static final String NAME = MountOptions.IO_URING + ": ";
    private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final int RINGS_SINCE_MINOR = 42;

    /**
     * Chooses as the options say and the host allows.
     *
     * @param handOver what a keeper hands to daemons; null without one
     * @throws StoreException IO if the kernel waits for rings, as agreed by an earlier daemon, and there can be none
     */
    static RingChoice make(MountOptions options, int device, @Nullable HandOver handOver) {
        HandOver.Agreed agreed = handOver == null ? new HandOver.Agreed(0, 0, 0) : handOver.agreed();
        if (Negotiation.hasRings(agreed.flags())) {
            return new RingChoice(open(device, handOver), "");
        }
        String why = why(options, handOver != null);
        if (why.isEmpty() && agreed.minor() != 0) {
            why = NAME + "it was not agreed with the kernel when the mount was made";
        }
        if (!why.isEmpty()) {
            return new RingChoice(null, why);
        }
        try {
            return new RingChoice(open(device, handOver), "");
        } catch (StoreException e) {
            return new RingChoice(null, NAME + e.getMessage());
        }
    }

    private static String why(MountOptions options, boolean kept) {
        String obstacle = obstacle(options.highestMinor());
        if (!obstacle.isEmpty() || options.transport().equals(MountOptions.IO_URING)) {
            return obstacle;
        }
        if (options.transport().equals(MountOptions.KERNEL)) {
            return NAME + "another transport was chosen";
        }
        return kept
                ? NAME + "requests in flight would be lost if the daemon died; choose it with: dogear up --transport "
                        + MountOptions.IO_URING
                : "";
    }

    private static String obstacle(int highestMinor) {
        if (highestMinor < RINGS_SINCE_MINOR) {
            return NAME + "protocol 7." + highestMinor + " has none; it came with 7." + RINGS_SINCE_MINOR;
        }
        try {
            return Files.readString(PARAMETER).startsWith("Y")
                    ? ""
                    : NAME + "the fuse module's enable_uring is N; as root, before mounting: echo 1 > " + PARAMETER;
        } catch (IOException e) {
            return NAME + "kernel " + System.getProperty("os.version") + " has none; it came with Linux 6.14";
        }
    }

    private static Rings open(int device, @Nullable HandOver handOver) {
        return Rings.open(device, handOver == null ? null : new Rings.Home(handOver.file(), HandOver.RINGS_FROM));
    }

    /** What came of it, by {@link Connection#rings}. */
    String whyNot(int outcome) {
        if (outcome == 0) {
            return "";
        }
        if (outcome != Connection.NO_RINGS) {
            return NAME + "the kernel refused the queues: errno " + outcome;
        }
        return why.isEmpty() ? NAME + "the kernel did not offer it" : why;
    }
}

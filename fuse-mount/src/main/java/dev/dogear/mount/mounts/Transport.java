package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.store.measure.Latency;
import dev.dogear.store.workspace.Viewer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A way to speak with the kernel, once it is mounted: all that a mount asks of it. */
interface Transport extends AutoCloseable {
    /** Which it is, and how well the kernel is spoken to. */
    Spoken spoken();

    /** What tells the kernel of changes behind its back; {@code calls} are those into the mount, by the helper. */
    Viewer viewer(MountCalls calls);

    /** Which calls are the helper's. */
    PushedCalls pushed();

    /** Requests so far, by name. */
    Map<String, Long> requestCounts();

    /** How long answered requests took, by name. */
    Map<String, Latency> requestLatencies();

    /** Requests so far that could not be answered at once. */
    long requestsParked();

    /** Completes when the mount is gone, whoever unmounted it. */
    CompletableFuture<Void> ended();

    /** Gives up what is left, after the mount is gone. */
    @Override
    void close();
}

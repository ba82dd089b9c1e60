package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.store.workspace.Viewer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A way to speak with the kernel, once it is mounted: all that a mount asks of it. */
interface Transport extends AutoCloseable {
    /** As {@code --transport} names it. */
    String name();

    /** The version of the FUSE protocol spoken. */
    String protocol();

    /** What it does without, for {@code status}. */
    List<String> without();

    /** What tells the kernel of changes behind its back; {@code calls} are those into the mount, by the helper. */
    Viewer viewer(MountCalls calls);

    /** Which calls are the helper's. */
    PushedCalls pushed();

    /** Requests so far, by name. */
    Map<String, Long> requestCounts();

    /** Requests so far that could not be answered at once. */
    long requestsParked();

    /** Completes when the mount is gone, whoever unmounted it. */
    CompletableFuture<Void> ended();

    /** Gives up what is left, after the mount is gone. */
    @Override
    void close();
}

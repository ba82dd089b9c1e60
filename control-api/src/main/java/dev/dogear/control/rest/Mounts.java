package dev.dogear.control.rest;

import dev.dogear.store.measure.Latency;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the routes need of mounting: the main mount and the volumes bound from it. */
public interface Mounts {
    /** Where the whole store is shown; null if nowhere. */
    @Nullable
    Path main();

    /** How the kernel is spoken to. */
    Way way();

    /** How many requests of each kind the kernel made since the daemon began, by their names in the protocol. */
    Map<String, Long> requests();

    /** How long those took that were answered. */
    Map<String, Latency> latencies();

    /** The process that keeps the mount over the death of this one; null without one. */
    @Nullable
    Keeper keeper();

    /** The volumes there are now. */
    List<Volume> volumes();

    /**
     * Shows a repository, or one bookmark of it, at a directory.
     *
     * @param bookmark null for the repository
     */
    Volume add(String repository, @Nullable String bookmark, Path directory, boolean readOnly);

    /** Ends the volume shown there; NOT_FOUND if there is none. */
    void remove(Path directory);

    /**
     * One volume.
     *
     * @param bookmark null if it shows the whole repository
     */
    record Volume(
            Path directory, String repository, @Nullable String bookmark, boolean readOnly) {}

    /**
     * A way to speak to the kernel.
     *
     * @param transport such as {@code kernel}; {@code none} without a mount
     * @param protocol the version of the FUSE protocol; empty without a mount
     * @param without what the mount does without, by the kernel's names
     * @param whyNotBetter the name of a better transport, and why it is not used; empty if there is none
     */
    record Way(String transport, String protocol, List<String> without, String whyNotBetter) {}

    /**
     * A keeper, or a service manager in its place.
     *
     * @param pid 0 for a service manager
     * @param epoch how many daemons the mount has had
     * @param spare the process that waits to be the next daemon; 0 if there is none yet
     */
    record Keeper(long pid, int epoch, long spare) {}

    /** Shows nothing: a daemon without a mount. */
    Mounts NONE = new NoMounts();
}

package dev.dogear.control.rest;

import dev.dogear.store.history.Store;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What the routes ask.
 *
 * @param store everything kept
 * @param mounts everything shown
 * @param daemon facts for {@code status}
 * @param shutdown asks the daemon to end; returns at once
 */
public record Services(Store store, Mounts mounts, Daemon daemon, Runnable shutdown) {
    /** The one organization of a daemon. */
    public static final String ORGANIZATION = "local";

    /**
     * Facts about the process that do not change while it runs.
     *
     * @param version of Dogear
     * @param data its data folder
     * @param socket where it answers
     * @param log where it writes what happens
     * @param started when
     */
    public record Daemon(String version, Path data, Path socket, Path log, Instant started) {}
}

package dev.dogear.control.rest;

import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Caller;
import dev.dogear.control.auth.Keys;
import dev.dogear.store.history.Store;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the routes ask.
 *
 * @param store everything kept
 * @param keys who may ask
 * @param audit who did
 * @param mounts everything shown
 * @param daemon facts for {@code status}
 * @param shutdown asks the daemon to end; returns at once
 */
public record Services(Store store, Keys keys, AuditLog audit, Mounts mounts, Daemon daemon, Runnable shutdown) {
    /** The one organization of a daemon. */
    public static final String ORGANIZATION = "local";

    /** The names of the repositories that caller knows of, in order. */
    public List<String> repositories(Caller caller) {
        if (caller.allRepositories()) {
            return store.repositoryNames();
        }
        return store.repositoryNames().stream()
                .filter(name -> knows(caller, name))
                .toList();
    }

    /** Whether there is a repository of that name for that caller. */
    public boolean knows(Caller caller, String repository) {
        String id = store.repositoryId(repository);
        return id != null && caller.seesRepository(id);
    }

    /**
     * Facts about the process that do not change while it runs.
     *
     * @param version of Dogear
     * @param data its data folder
     * @param socket where it answers
     * @param listen where it answers on the network besides; null for nowhere
     * @param log where it writes what happens
     * @param started when
     */
    public record Daemon(
            String version,
            Path data,
            Path socket,
            @Nullable ServerSocketChannel listen,
            Path log,
            Instant started) {
        /** Host and port on the network; null for none. */
        public @Nullable String listenAddress() {
            if (listen == null) {
                return null;
            }
            ServerSocket bound = listen.socket();
            String host = bound.getInetAddress().getHostAddress();
            return (host.contains(":") ? "[::1]" : host) + ":" + bound.getLocalPort();
        }
    }
}

package dev.dogear.control.daemon;

import dev.dogear.control.rest.ControlApi;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.mount.keeper.Kept;
import dev.dogear.mount.mounts.Mount;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.Remembered;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.history.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything the daemon holds open, opened in order and closed in the reverse order. */
final class Wiring implements AutoCloseable {
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOCK_AGAIN = Duration.ofMillis(5);
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    private final Store store;
    private final Deque<AutoCloseable> open;

    private Wiring(Store store, Deque<AutoCloseable> open) {
        this.store = store;
        this.open = open;
    }

    /** @param shutdown called when the daemon is asked to end */
    static Wiring open(Daemon.Options options, Runnable shutdown) {
        if (options.dataIsInMount() || options.mountIsInData()) {
            throw new StoreException(
                    Kind.INVALID,
                    "The data folder, the mount and the socket must not lie inside each other: " + options.data() + ", "
                            + options.mount() + ", " + options.socket());
        }
        Path mount = options.mount();
        Kept kept = options.epoch() == 0 || mount == null ? null : Kept.take(options.epoch(), mount, keeperCommand());
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            createPrivately(options.data());
            Store store = openStore(options);
            open.push(store);
            createPrivately(options.server());
            DaemonLog.open(options.server());
            Mounts mounts = mount == null ? Mounts.NONE : mount(options, mount, kept, store, open, shutdown);
            open.push(ControlApi.open(new Services(store, mounts, facts(options), shutdown)));
            return new Wiring(store, open);
        } catch (IOException e) {
            closeAll(open);
            throw new StoreException(Kind.IO, "The data folder cannot be used: " + e, e);
        } catch (RuntimeException e) {
            closeAll(open);
            throw e;
        }
    }

    private static void createPrivately(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** As {@code dogear up} has put it. */
    private static List<String> keeperCommand() {
        return List.of(System.getenv().getOrDefault("DOGEAR_KEEPER", "--").split("\n", -1));
    }

    /** A dead daemon holds the lock until the last of its threads has ended. */
    private static Store openStore(Daemon.Options options) {
        long until = System.nanoTime() + (options.epoch() > 1 ? LOCK_PATIENCE.toNanos() : 0);
        while (true) {
            try {
                return Store.open(options.data(), Clock.systemUTC());
            } catch (StoreException e) {
                if (e.kind() != Kind.IN_USE || System.nanoTime() > until) {
                    throw e;
                }
                LockSupport.parkNanos(LOCK_AGAIN.toNanos());
            }
        }
    }

    private static Mounts mount(
            Daemon.Options options,
            Path where,
            @Nullable Kept kept,
            Store store,
            Deque<AutoCloseable> open,
            Runnable shutdown) {
        Mount mount;
        if (kept == null) {
            mount = Mount.open(options.mounting(where), new FileSystemCalls(store), Clock.systemUTC());
        } else {
            Remembered remembered = kept.remembered();
            store.succeed(remembered);
            FileSystemCalls calls = new FileSystemCalls(store, FileSystemCalls.MOST_OPEN_FILES, remembered);
            mount = Mount.inherit(options.mounting(where), Kept.DEVICE, kept.handOver(), calls, Clock.systemUTC());
            kept.ready();
        }
        open.push(mount);
        if (kept != null) {
            open.push(kept::end);
        }
        store.attach(mount.viewer());
        // Unmounted by somebody else: without its mount the daemon is of no use, and a new one must be able to start.
        CompletableFuture<Void> watch = mount.ended().thenRun(() -> {
            LOG.info("the mount is gone");
            shutdown.run();
        });
        open.push(() -> watch.cancel(false));
        return new KernelMounts(mount, store, kept);
    }

    private static Services.Daemon facts(Daemon.Options options) {
        String version = Wiring.class.getPackage().getImplementationVersion();
        return new Services.Daemon(
                version == null ? "development" : version,
                options.data(),
                options.socket(),
                DaemonLog.file(options.server()),
                Instant.now());
    }

    Store store() {
        return store;
    }

    @Override
    public void close() {
        closeAll(open);
    }

    private static void closeAll(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.error("not closed cleanly", e);
            }
        }
    }
}

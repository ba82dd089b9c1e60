package dev.dogear.control.daemon;

import dev.dogear.control.api.ControlApi;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Keys;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.mount.keeper.Kept;
import dev.dogear.mount.mounts.Mount;
import dev.dogear.mount.mounts.MountOptions;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.Remembered;
import dev.dogear.store.DataLock;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.care.Caretaker;
import dev.dogear.store.history.Store;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
    private static final long AUDIT_BYTES_MAX = 16 << 20;
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
        Kept kept = mount == null ? null : kept(options, mount);
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            createPrivately(options.data());
            Store store = openStore(options, kept);
            open.push(store);
            open.push(Caretaker.start(store));
            createPrivately(options.server());
            DaemonLog.open(options.server());
            Mounts mounts = mount == null ? Mounts.NONE : mount(options, mount, kept, store, open, shutdown);
            removeSocket(options, kept);
            ServerSocketChannel listen = listen(options, kept);
            if (listen != null) {
                open.push(listen);
            }
            Keys keys = new Keys(store.serverTables(), Clock.systemUTC());
            AuditLog audit = AuditLog.open(options.server(), Clock.systemUTC(), AUDIT_BYTES_MAX);
            open.push(audit);
            open.push(ControlApi.open(new Services(store, keys, audit, mounts, facts(options, listen), shutdown)));
            return new Wiring(store, open);
        } catch (IOException e) {
            failed(open, kept);
            throw new StoreException(Kind.IO, "The data folder cannot be used: " + e, e);
        } catch (RuntimeException e) {
            failed(open, kept);
            throw e;
        }
    }

    private static void failed(Deque<AutoCloseable> open, @Nullable Kept kept) {
        closeAll(open);
        if (kept != null) {
            kept.failed();
        }
    }

    /** By a keeper, which gives us a number, or by the service manager, if there is one; null if the mount is to end with us. */
    private static @Nullable Kept kept(Daemon.Options options, Path mount) {
        if (options.epoch() != 0) {
            return Kept.take(options.epoch(), mount, keeperCommand());
        }
        MountOptions mounting = options.mounting(mount);
        boolean canBe = !mounting.transport().equals(MountOptions.JNR_FUSE);
        return canBe && Kept.isService() ? Kept.takeService(mounting) : null;
    }

    private static void createPrivately(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** As {@code dogear up} has put it. */
    private static List<String> keeperCommand() {
        return List.of(System.getenv().getOrDefault("DOGEAR_KEEPER", "--").split("\n", -1));
    }

    private static boolean follows(@Nullable Kept kept) {
        return kept != null && kept.epoch() > 1;
    }

    /**
     * A dead daemon holds the lock until the last of its threads has ended. The one that tells the kernel what to forget may wait
     * there until we serve.
     */
    private static Store openStore(Daemon.Options options, @Nullable Kept kept) {
        long until = System.nanoTime() + (follows(kept) ? LOCK_PATIENCE.toNanos() : 0);
        while (true) {
            try {
                return Store.open(options.data(), Clock.systemUTC());
            } catch (StoreException e) {
                long owner = DataLock.owner(options.data());
                if (e.kind() == Kind.IN_USE && kept != null && kept.onlyNotifies(owner)) {
                    LOG.info(
                            "the lock of the data folder is taken from {}, which is dead but for a notification",
                            owner);
                    return Store.open(options.data(), Clock.systemUTC(), DataLock.takeOver(options.data()));
                }
                if (e.kind() != Kind.IN_USE || System.nanoTime() > until) {
                    throw e;
                }
                LockSupport.parkNanos(LOCK_AGAIN.toNanos());
            }
        }
    }

    /** What is left of a dead daemon keeps its socket open, too, though nobody answers there. */
    private static void removeSocket(Daemon.Options options, @Nullable Kept kept) throws IOException {
        Path socket = options.socket();
        if (follows(kept)
                && Files.exists(socket)
                && Files.readAttributes(socket, BasicFileAttributes.class).isOther()) {
            Files.delete(socket);
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
            mount = Mount.inherit(
                    options.mounting(kept.mountpoint()), kept.device(), kept.handOver(), calls, Clock.systemUTC());
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

    private static @Nullable ServerSocketChannel listen(Daemon.Options options, @Nullable Kept kept) {
        String address = options.listen();
        return address == null ? null : Listening.bind(address, options.server(), follows(kept));
    }

    private static Services.Daemon facts(Daemon.Options options, @Nullable ServerSocketChannel listen) {
        String version = Wiring.class.getPackage().getImplementationVersion();
        return new Services.Daemon(
                version == null ? "development" : version,
                options.data(),
                options.socket(),
                listen,
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

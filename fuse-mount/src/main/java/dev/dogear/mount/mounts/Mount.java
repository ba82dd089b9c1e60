package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.Connection;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.workspace.Viewer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The store, mounted. No thread of this process makes a file call into the mount or its volumes, at no time: such calls go through
 * the helper process.
 */
public final class Mount implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Mount.class.getName());
    private static final Duration INIT = Duration.ofSeconds(10);
    private static final long END_SECONDS = 10;
    private static final String READ_AHEAD_KIB = "1024";

    private final Path mountpoint;
    private final Connection connection;
    private final Negotiation negotiation;
    private final MountCalls calls;
    private final KernelViewer viewer;
    private final String device;

    private Mount(Path mountpoint, Connection connection, Negotiation negotiation, FileSystemCalls fileSystem) {
        this.mountpoint = mountpoint;
        this.connection = connection;
        this.negotiation = negotiation;
        this.calls = new MountCalls(mountpoint, connection.pushed());
        this.viewer = new KernelViewer(connection, calls, fileSystem.recall());
        this.device =
                MountTable.read().at(mountpoint).map(MountTable.Row::device).orElse("");
    }

    /**
     * Mounts and begins to serve.
     *
     * @throws StoreException INVALID if the mount point is not an empty directory; IN_USE if a Dogear is mounted there, with what to do
     */
    public static Mount open(MountOptions options, FileSystemCalls calls, InstantSource clock) {
        Mounting mounting = Mounting.mount(options);
        Connection connection = new Connection(mounting.device(), calls, clock, options.highestMinor());
        calls.recall().all(); // nothing
        connection.start();
        try {
            Mount mount = new Mount(mounting.mountpoint(), connection, connection.negotiation(INIT), calls);
            mount.readAhead();
            mount.calls.warmUp();
            return mount;
        } catch (StoreException e) {
            mounting.detach();
            connection.close();
            throw e;
        }
    }

    /**
     * Goes on with a mount that a keeper has made, and that earlier daemons may have served.
     *
     * @param options whose mount point is the real path of it
     */
    public static Mount inherit(
            MountOptions options, int device, HandOver handOver, FileSystemCalls calls, InstantSource clock) {
        Connection connection = new Connection(device, calls, clock, options.highestMinor(), handOver);
        connection.start();
        Mount mount = new Mount(options.mountpoint(), connection, connection.negotiation(INIT), calls);
        mount.readAhead();
        Thread recall = new Thread(calls.recall()::all, "dogear-recall");
        recall.setDaemon(true);
        recall.start();
        return mount;
    }

    /** What tells the kernel of changes behind its back: to be attached to the store. */
    public Viewer viewer() {
        return viewer;
    }

    /** Where. */
    public Path mountpoint() {
        return mountpoint;
    }

    /** What was agreed with the kernel. */
    public Negotiation negotiation() {
        return negotiation;
    }

    /** Requests so far, by name. */
    public Map<String, Long> requestCounts() {
        return connection.counts().byName();
    }

    /** Requests so far that could not be answered at once. */
    public long requestsParked() {
        return connection.counts().parked();
    }

    /** Completes when the mount is gone, whoever unmounted it. */
    public CompletableFuture<Void> ended() {
        return connection.ended();
    }

    /**
     * Shows a directory of the mount at another place too.
     *
     * @param path names from the mount's root down, separated by slashes
     * @param directory an empty directory outside the mount
     */
    public void bindVolume(String path, Path directory, boolean readOnly) {
        List<String> names = List.of(path.split("/", -1));
        if (names.stream().anyMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."))) {
            throw new StoreException(Kind.INVALID, "not a path below the mount: " + path);
        }
        calls.bind(names, directory.toAbsolutePath().normalize(), readOnly);
    }

    /** @throws StoreException NOT_FOUND if no volume of ours is mounted there */
    public void unbindVolume(Path directory) {
        Path target = directory.toAbsolutePath().normalize();
        if (volumes().stream().noneMatch(volume -> volume.directory().equals(target))) {
            throw new StoreException(Kind.NOT_FOUND, "no volume is mounted at " + directory);
        }
        calls.unbind(target);
    }

    /** The volumes there are, by the kernel's word. */
    public List<Volume> volumes() {
        return MountTable.read().ofDevice(device).stream()
                .filter(row -> !row.mountpoint().equals(mountpoint.toString()))
                .map(row -> new Volume(
                        row.root().substring(1),
                        Path.of(row.mountpoint()),
                        row.options().contains("ro")))
                .toList();
    }

    /** Unmounts volumes and mount; programs still inside keep what they have until they leave. */
    @Override
    public void close() {
        if (!connection.ended().isDone()) {
            try {
                volumes().forEach(volume -> calls.unbind(volume.directory()));
                calls.unmount();
            } catch (StoreException e) {
                LOG.log(System.Logger.Level.WARNING, "the helper could not unmount: {0}", e.getMessage());
                Mounting.detach(mountpoint);
            }
        }
        calls.close();
        awaitEnd();
        connection.close();
    }

    private void awaitEnd() {
        try {
            connection.ended().get(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "programs still use {0}; they lose it when the daemon ends",
                    mountpoint);
        }
    }

    /** The kernel starts with 128 KiB whatever is negotiated; where we may not say so it stays at that. */
    private void readAhead() {
        try {
            Files.writeString(Path.of("/sys/class/bdi", device, "read_ahead_kb"), READ_AHEAD_KIB);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "read-ahead stays as it is", e);
        }
    }
}

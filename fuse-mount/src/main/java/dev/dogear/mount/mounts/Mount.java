package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.uring.Rings;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.measure.Latency;
import dev.dogear.store.workspace.Viewer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The store, mounted. No thread of this process makes a file call into the mount or its volumes, at no time: such calls go through
 * the helper process.
 */
public final class Mount implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Mount.class.getName());
    private static final long END_SECONDS = 10;
    private static final long WARM_UP_AFTER_MS = 2_000;
    private static final String READ_AHEAD_KIB = "1024";

    private final Path mountpoint;
    private final Transport transport;
    private final MountCalls calls;
    private final Viewer viewer;
    private final String device;

    /**
     * A directory of the mount shown elsewhere too.
     *
     * @param path below the mount's root, without a leading slash
     * @param directory where it is mounted
     * @param readOnly whether writes through it are refused
     */
    public record Volume(String path, Path directory, boolean readOnly) {}

    private Mount(Path mountpoint, @Nullable HandOver handOver, Transport transport) {
        this.mountpoint = mountpoint;
        this.transport = transport;
        this.calls = new MountCalls(mountpoint, handOver, transport.pushed());
        this.viewer = transport.viewer(calls);
        this.device =
                MountTable.read().at(mountpoint).map(MountTable.Row::device).orElse("");
    }

    /**
     * Mounts and begins to serve.
     *
     * @throws StoreException as {@link Mounting#place}
     */
    public static Mount open(MountOptions options, FileSystemCalls calls, InstantSource clock) {
        Path mountpoint = Mounting.place(options);
        Transport transport = options.transport().equals(MountOptions.JNR_FUSE)
                ? JnrFuseTransport.open(mountpoint, options, calls, clock)
                : KernelTransport.open(mountpoint, options, calls, clock);
        Mount mount = new Mount(mountpoint, null, transport);
        mount.readAhead();
        mount.calls.warmUp();
        return mount;
    }

    /**
     * Goes on with a mount that a keeper has made, and that earlier daemons may have served.
     *
     * @param options whose mount point is the real path of it
     */
    public static Mount inherit(
            MountOptions options, int device, HandOver handOver, FileSystemCalls calls, InstantSource clock) {
        Transport transport = KernelTransport.inherit(options, device, handOver, calls, clock);
        Mount mount = new Mount(options.mountpoint(), handOver, transport);
        if (transport.spoken().transport().equals(MountOptions.IO_URING)) {
            Rings.nudge(options.mountpoint());
        }
        mount.readAhead();
        inBackground("dogear-recall", calls.recall()::all);
        inBackground("dogear-warm-up", mount::warmUpLater);
        return mount;
    }

    private static void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** The helper is not to take time from programs that have waited for this daemon. */
    private void warmUpLater() {
        try {
            TimeUnit.MILLISECONDS.sleep(WARM_UP_AFTER_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        calls.warmUp();
    }

    /** What tells the kernel of changes behind its back: to be attached to the store. */
    public Viewer viewer() {
        return viewer;
    }

    /** Where. */
    public Path mountpoint() {
        return mountpoint;
    }

    /** Which way the kernel is spoken to, and how well. */
    public Spoken spoken() {
        return transport.spoken();
    }

    /** Requests so far, by name. */
    public Map<String, Long> requestCounts() {
        return transport.requestCounts();
    }

    /** How long answered requests took, by name. */
    public Map<String, Latency> requestLatencies() {
        return transport.requestLatencies();
    }

    /** Requests so far that could not be answered at once. */
    public long requestsParked() {
        return transport.requestsParked();
    }

    /** Completes when the mount is gone, whoever unmounted it. */
    public CompletableFuture<Void> ended() {
        return transport.ended();
    }

    /**
     * Shows a directory of the mount at another place too.
     *
     * @param path names from the mount's root down, separated by slashes
     * @param directory an empty directory outside the mount
     * @throws StoreException FORBIDDEN if we are not root, whom the kernel asks for
     */
    public void bindVolume(String path, Path directory, boolean readOnly) {
        List<String> names = List.of(path.split("/", -1));
        if (names.stream().anyMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."))) {
            throw new StoreException(Kind.INVALID, "not a path below the mount: " + path);
        }
        if (!DirectMounting.possible()) {
            throw new StoreException(
                    Kind.FORBIDDEN, "only a daemon of root can mount volumes; use " + mountpoint.resolve(path));
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
        if (!transport.ended().isDone()) {
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
        transport.close();
    }

    private void awaitEnd() {
        try {
            transport.ended().get(END_SECONDS, TimeUnit.SECONDS);
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

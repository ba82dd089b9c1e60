package dev.dogear.mount.mounts;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.kernel.Connection;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.measure.Latency;
import dev.dogear.store.workspace.Viewer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The device, spoken to directly. */
final class KernelTransport implements Transport {
    private static final Duration INIT = Duration.ofSeconds(10);

    private final Connection connection;
    private final Negotiation negotiation;
    private final String notByRings;
    private final FileSystemCalls fileSystem;

    private KernelTransport(Connection connection, RingChoice choice, FileSystemCalls fileSystem) {
        this.connection = connection;
        this.negotiation = connection.negotiation(INIT);
        this.notByRings = choice.whyNot(connection.rings(INIT));
        this.fileSystem = fileSystem;
    }

    /** Goes on with a connection that earlier daemons may have served. */
    static Transport inherit(
            MountOptions options, int device, HandOver handOver, FileSystemCalls calls, InstantSource clock) {
        RingChoice choice = RingChoice.make(options, device, handOver);
        Connection connection = new Connection(device, calls, clock, options.highestMinor(), handOver, choice.rings());
        connection.start();
        return new KernelTransport(connection, choice, calls);
    }

    /** Mounts and begins to serve. */
    static Transport open(Path mountpoint, MountOptions options, FileSystemCalls calls, InstantSource clock) {
        Mounting mounting = Mounting.at(mountpoint, options);
        RingChoice choice = RingChoice.make(options, mounting.device(), null);
        Connection connection =
                new Connection(mounting.device(), calls, clock, options.highestMinor(), null, choice.rings());
        calls.recall().all(); // nothing
        connection.start();
        try {
            return new KernelTransport(connection, choice, calls);
        } catch (StoreException e) {
            mounting.detach();
            connection.close();
            throw e;
        }
    }

    @Override
    public Spoken spoken() {
        String name = notByRings.isEmpty() ? MountOptions.IO_URING : MountOptions.KERNEL;
        return new Spoken(name, "7." + negotiation.minor(), negotiation.missing(), notByRings);
    }

    @Override
    public Viewer viewer(MountCalls calls) {
        return new KernelViewer(connection, calls, fileSystem.recall());
    }

    @Override
    public PushedCalls pushed() {
        return connection.pushed();
    }

    @Override
    public Map<String, Latency> requestLatencies() {
        return connection.counts().latencies();
    }

    @Override
    public Map<String, Long> requestCounts() {
        return connection.counts().byName();
    }

    @Override
    public long requestsParked() {
        return connection.counts().parked();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return connection.ended();
    }

    @Override
    public void close() {
        connection.close();
    }
}

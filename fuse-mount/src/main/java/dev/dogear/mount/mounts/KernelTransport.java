package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.Connection;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.StoreException;
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

    private KernelTransport(Connection connection, Negotiation negotiation) {
        this.connection = connection;
        this.negotiation = negotiation;
    }

    /** Mounts and begins to serve. */
    static Transport open(Path mountpoint, MountOptions options, FileSystemCalls calls, InstantSource clock) {
        int descriptor = DirectMounting.possible()
                ? DirectMounting.mount(mountpoint, options)
                : FusermountMounting.mount(mountpoint, options);
        Connection connection = new Connection(descriptor, calls, clock, options.highestMinor());
        connection.start();
        try {
            return new KernelTransport(connection, connection.negotiation(INIT));
        } catch (StoreException e) {
            Mount.detach(mountpoint);
            connection.close();
            throw e;
        }
    }

    @Override
    public Spoken spoken() {
        return new Spoken(MountOptions.KERNEL, "7." + negotiation.minor(), negotiation.missing());
    }

    @Override
    public Viewer viewer(MountCalls calls) {
        return new KernelViewer(connection, calls);
    }

    @Override
    public PushedCalls pushed() {
        return connection.pushed();
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

package dev.dogear.mount.mounts;

import dev.dogear.mount.jnrfuse.JnrFuseConnection;
import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.measure.Latency;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** libfuse 2.9 through jnr-fuse. The kernel keeps nothing of what it was told, so there is nothing to push and nothing to forget. */
final class JnrFuseTransport implements Transport {
    private static final String WHY_NOT_BETTER = MountOptions.KERNEL + ": another transport was chosen";

    /** Nothing is valid for any time, pages neither; inode numbers are ours, also in listings. */
    private static final String OPTIONS = "fsname=dogear,subtype=dogear,use_ino,readdir_ino,attr_timeout=0,"
            + "entry_timeout=0,negative_timeout=0,direct_io,big_writes,atomic_o_trunc,default_permissions";

    private static final List<String> WITHOUT = List.of(
            "WRITEBACK_CACHE", "PAGE_CACHE", "SHARED_MMAP", "READDIRPLUS", "RENAME2", "TMPFILE", "LSEEK", "KEEPER");

    private final JnrFuseConnection connection;
    private final PushedCalls pushed = new PushedCalls();

    private JnrFuseTransport(JnrFuseConnection connection) {
        this.connection = connection;
    }

    /** Mounts and begins to serve. */
    static Transport open(Path mountpoint, MountOptions options, FileSystemCalls calls, InstantSource clock) {
        String mount = OPTIONS
                + (options.allowOther() ? ",allow_other" : "")
                + (options.suid() ? ",suid" : ",nosuid")
                + (options.dev() ? ",dev" : ",nodev");
        return new JnrFuseTransport(JnrFuseConnection.open(mountpoint, mount, calls, clock));
    }

    @Override
    public Spoken spoken() {
        return new Spoken(MountOptions.JNR_FUSE, "7.19", WITHOUT, WHY_NOT_BETTER);
    }

    @Override
    public Viewer viewer(MountCalls calls) {
        return new Viewer() {
            @Override
            public void push(Workspace workspace) {}

            @Override
            public void forget(Workspace workspace, List<Stale> stale) {}

            @Override
            public void removed(Workspace workspace) {}
        };
    }

    @Override
    public PushedCalls pushed() {
        return pushed;
    }

    @Override
    public Map<String, Latency> requestLatencies() {
        return connection.requestLatencies();
    }

    @Override
    public Map<String, Long> requestCounts() {
        return connection.requestCounts();
    }

    /** Requests wait on libfuse's threads. */
    @Override
    public long requestsParked() {
        return 0;
    }

    @Override
    public CompletableFuture<Void> ended() {
        return connection.ended();
    }

    /** The last thread of libfuse has given everything up. */
    @Override
    public void close() {}
}

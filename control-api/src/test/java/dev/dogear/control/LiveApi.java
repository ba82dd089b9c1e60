package dev.dogear.control;

import dev.dogear.control.api.ControlApi;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Keys;
import dev.dogear.control.http.ControlServer;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Name;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.EditLog;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.NewFile;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A real store behind a real socket, without a mount: edits are made as the mount would make them. */
public final class LiveApi implements AutoCloseable {
    /** Held, because an unused logger forgets its level. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    static {
        JETTY.setLevel(Level.WARNING);
    }

    private final Path folder;
    private final Store store;
    private final Services services;
    private final ControlServer server;
    private final Keys keys;
    private final AuditLog audit;
    private final AtomicBoolean shutdown = new AtomicBoolean();

    public LiveApi(Path folder) {
        this.folder = folder;
        this.store = Store.open(folder.resolve("data"), Clock.systemUTC());
        this.audit = AuditLog.open(folder.resolve("audit"), Clock.systemUTC(), 1 << 20);
        this.keys = new Keys(store.serverTables(), Clock.systemUTC());
        Services.Daemon daemon = new Services.Daemon(
                "test", folder.resolve("data"), socket(), listen(), folder.resolve("log"), Instant.now());
        this.services = new Services(store, keys, audit, Mounts.NONE, daemon, () -> shutdown.set(true));
        this.server = ControlApi.open(services);
    }

    public Path socket() {
        return folder.resolve("run/s");
    }

    public RawHttp http() {
        return new RawHttp(socket());
    }

    public Services services() {
        return services;
    }

    private static ServerSocketChannel listen() {
        try {
            return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Keys keys() {
        return keys;
    }

    public Store store() {
        return store;
    }

    public boolean isShutDown() {
        return shutdown.get();
    }

    /** Creates or replaces a file, with the directories above it. */
    public void write(String repository, String bookmark, String path, String text) {
        Workspace workspace = store.repository(repository).workspace(bookmark);
        workspace.gate().enter();
        try {
            List<String> names = List.of(path.split("/"));
            DirectoryNode directory = workspace.root();
            for (String name : names.subList(0, names.size() - 1)) {
                directory = directory(workspace, directory, Name.of(name));
            }
            Name last = Name.of(names.get(names.size() - 1));
            remove(workspace, directory, last);
            FileNode file = workspace.createFile(directory, last, new NewFile(0644, 0, 0));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            workspace.write(
                    file, 0, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } catch (PosixException e) {
            throw new AssertionError(path, e);
        } finally {
            workspace.gate().leave();
        }
    }

    private static DirectoryNode directory(Workspace workspace, DirectoryNode above, Name name) throws PosixException {
        try {
            Node found = workspace.lookup(above, name);
            return (DirectoryNode) found;
        } catch (PosixException e) {
            return workspace.createDirectory(above, name, new NewFile(0755, 0, 0));
        }
    }

    private static void remove(Workspace workspace, DirectoryNode directory, Name name) throws PosixException {
        try {
            workspace.unlink(directory, name, EditLog.Cause.NONE);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Every test ends with the checker: what it did must have left a sound store. */
    @Override
    public void close() {
        try {
            List<String> problems = StoreCheck.run(store).problems();
            if (!problems.isEmpty()) {
                throw new AssertionError(problems);
            }
        } finally {
            server.close();
            audit.close();
            store.close();
        }
    }
}

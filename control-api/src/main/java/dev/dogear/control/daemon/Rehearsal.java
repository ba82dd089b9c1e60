package dev.dogear.control.daemon;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dogear.control.api.ControlApi;
import dev.dogear.control.auth.AuditLog;
import dev.dogear.control.auth.Keys;
import dev.dogear.control.http.ControlServer;
import dev.dogear.control.rest.Mounts;
import dev.dogear.control.rest.Services;
import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.FileSystemCalls.Created;
import dev.dogear.mount.vfs.FileSystemCalls.Mode;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.history.Store;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Goes once through what a daemon does, on a store of its own that is thrown away: loads the classes, binds the native calls. A
 * spare does it before it waits, and the build, to archive what this loads. It is no part of any answer.
 */
final class Rehearsal {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Caller SOMEBODY = new Caller(0, 0, 0, true);
    private static final int RDWR = 2;
    private static final String NAME = "rehearsal";

    private final Path folder;
    private final @Nullable Level level = ROOT.getLevel();
    private volatile boolean stopped;

    private Rehearsal(Path folder) {
        this.folder = folder;
        ROOT.setLevel(Level.OFF);
    }

    /** @param arguments a folder to make and delete things in */
    public static void main(String[] arguments) {
        new Rehearsal(Path.of(arguments[0]).toAbsolutePath()).run();
    }

    /**
     * Begins one on a thread of its own.
     *
     * @param server where folders of earlier ones may lie, too, whose process was killed
     * @param done called when it has come to its end
     */
    static Rehearsal begin(Path server, Runnable done) {
        Rehearsal begun = new Rehearsal(
                server.resolve(NAME + "-" + ProcessHandle.current().pid()));
        Thread thread = new Thread(
                () -> {
                    begun.run();
                    removeOfDead(server);
                    done.run();
                },
                "dogear-rehearsal");
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    /** It is serious now: the rest is left out. Nobody waits for what is being done. */
    void stop() {
        stopped = true;
        ROOT.setLevel(level);
    }

    /** What fails is left out: it will be done, and reported, when it counts. */
    private void run() {
        try {
            remove(folder);
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            LibC.close(-1);
            play(folder);
            for (Class<?> part : List.of(Store.class, FileSystemCalls.class, Daemon.class)) {
                load(part);
            }
            remove(folder);
        } catch (Exception | LinkageError e) {
            ROOT.setLevel(level);
            ROOT.log(Level.INFO, "the rehearsal of a daemon ended early", e);
        } finally {
            ROOT.setLevel(level);
        }
    }

    private static void removeOfDead(Path server) {
        try (Stream<Path> files = Files.list(server)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(NAME + "-")
                        && ProcessHandle.of(Long.parseLong(name.substring(NAME.length() + 1)))
                                .isEmpty()) {
                    remove(file);
                }
            }
        } catch (IOException | NumberFormatException e) {
            ROOT.log(Level.FINE, "what earlier rehearsals left stays", e);
        }
    }

    private static void remove(Path own) throws IOException {
        if (Files.exists(own)) {
            MoreFiles.deleteRecursively(own, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private void play(Path own) throws IOException, PosixException {
        Path socket = own.resolve("s");
        Services.Daemon facts = new Services.Daemon("", own, socket, null, own, Instant.EPOCH);
        try (Store store = Store.open(own.resolve("data"), Clock.systemUTC())) {
            store.createRepository(NAME, "main", NAME);
            edit(new FileSystemCalls(store));
            if (stopped) {
                return;
            }
            store.repository(NAME).checkpoint("main", CheckpointRequest.of(NAME), NAME);
            Keys keys = new Keys(store.serverTables(), Clock.systemUTC());
            AuditLog audit = AuditLog.open(own, Clock.systemUTC(), Integer.MAX_VALUE);
            Services services = new Services(store, keys, audit, Mounts.NONE, facts, () -> {});
            ControlServer server = ControlApi.open(services);
            try (audit) {
                ask(socket);
            } finally {
                server.close();
            }
        }
    }

    private static void edit(FileSystemCalls calls) throws PosixException {
        long repository =
                calls.lookup(SOMEBODY, FileSystemCalls.ROOT, text(NAME)).node();
        long main = calls.lookup(SOMEBODY, repository, text("main")).node();
        long directory =
                calls.mkdir(SOMEBODY, main, text("directory"), Mode.of(0700)).node();
        Created file = calls.create(SOMEBODY, directory, text("file"), RDWR, Mode.of(0600));
        long node = file.entry().node();
        long handle = file.file().handle();
        calls.write(SOMEBODY, node, handle, 0, direct("content"));
        calls.fsync(SOMEBODY, node).join();
        calls.read(SOMEBODY, node, handle, 0, ByteBuffer.allocateDirect(100));
        calls.release(node, handle);
        calls.getattr(SOMEBODY, node);
        calls.rename(SOMEBODY, directory, text("file"), main, text("moved"), 0);
        calls.symlink(SOMEBODY, main, text("link"), text("moved"));
        calls.statfs(SOMEBODY, main);
        calls.rmdir(SOMEBODY, main, text("directory"));
        calls.unlink(SOMEBODY, main, text("link"));
        calls.forget(node, 2);
    }

    private static void ask(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(text("GET /v1/local/status HTTP/1.1\r\nHost: d\r\n\r\n")));
            channel.read(ByteBuffer.allocate(1 << 16));
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text(text);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Everything of ours in the jar, or the folder, that the class is from. */
    private void load(Class<?> one) throws IOException, URISyntaxException {
        Path source =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(source)) {
            loadBelow(source);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(source)) {
                loadBelow(jar.getPath("/"));
            }
        }
    }

    private void loadBelow(Path root) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.walk(root.resolve("dev/dogear"))) {
            names = files.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .toList();
        }
        for (String name : names) {
            if (stopped) {
                return;
            }
            String className =
                    name.substring(0, name.length() - ".class".length()).replace('/', '.');
            try {
                Class.forName(className, false, Rehearsal.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IOException(e);
            }
        }
    }
}

package dev.dogear.control.http;

import dev.dogear.control.auth.PeerCredentials;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** The control interface on its Unix socket, open from construction to {@link #close()}. */
public final class ControlServer implements AutoCloseable {
    /** The kernel's limit for the path of a Unix socket. */
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private static final int THREADS_MAX = 64;
    private static final int IDLE_TIMEOUT_MS = 60_000;

    /** More connections than these make the one go that has been idle for longest. */
    private static final int CONNECTIONS_MAX = 1_024;

    /** How long a request may take to come whole, however steadily its bytes do. */
    private static final int REQUEST_SECONDS_MAX = 120;

    /** How long requests under way may take to end when the server does. */
    private static final int STOP_TIMEOUT_MS = 5_000;

    private static final Set<PosixFilePermission> OWNER_ALL = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_READ_WRITE = PosixFilePermissions.fromString("rw-------");

    private final Server server;
    private final Followers followers;
    private final Connections connections;

    private ControlServer(Server server, Followers followers, Connections connections) {
        this.server = server;
        this.followers = followers;
        this.connections = connections;
    }

    /**
     * Serves the routes, of that one organization, at {@code socket}. Its folder is made if it is not there, and must be closed to others.
     *
     * @param listen where it is served besides, to callers with a key; closed with the server; null for nowhere
     * @throws StoreException IN_USE if somebody answers there already
     */
    public static ControlServer open(
            Path socket, @Nullable ServerSocketChannel listen, String organization, List<Route> routes, Guard guard) {
        try {
            UserPrincipal own = prepareFolder(socket);
            removeStale(socket);
            Connections connections = new Connections(
                    Integer.getInteger("dogear.connections", CONNECTIONS_MAX),
                    Integer.getInteger("dogear.request.seconds", REQUEST_SECONDS_MAX) * 1000L);
            ApiHandler handler = new ApiHandler(organization, routes, PeerCredentials.of(own), guard, connections);
            return start(socket, listen, handler, connections);
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The control socket cannot be served at " + socket + ": " + e, e);
        }
    }

    /** Answers who we are: the owner of the folder. */
    private static UserPrincipal prepareFolder(Path socket) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_BYTES_MAX) {
            throw new StoreException(
                    Kind.INVALID,
                    "The path of a socket has at most " + SOCKET_PATH_BYTES_MAX + " bytes, choose a shorter one: "
                            + socket);
        }
        Path folder = socket.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(socket)) {
            throw new StoreException(Kind.INVALID, "The socket must be a file in a folder: " + socket);
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ALL));
            // The attribute passes through the umask; the folders above it are nobody's business.
            Files.setPosixFilePermissions(folder, OWNER_ALL);
        }
        UserPrincipal own = (UserPrincipal) Files.getAttribute(Path.of("/proc/self"), "unix:owner");
        boolean closed = OWNER_ALL.containsAll(Files.getPosixFilePermissions(folder));
        if (!closed || !Files.getOwner(folder).equals(own)) {
            throw new StoreException(
                    Kind.INVALID,
                    "The folder of the socket must belong to " + own.getName()
                            + " and be closed to others (chmod 700), or choose another: " + folder);
        }
        return own;
    }

    /** Removes a socket left by a daemon that was killed; nobody answers there. */
    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new StoreException(Kind.INVALID, "There is a file that is no socket, choose another path: " + socket);
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            Files.deleteIfExists(socket);
            return;
        }
        throw new StoreException(
                Kind.IN_USE,
                "Another daemon answers at " + socket + "; stop it with dogear down, or choose another socket.");
    }

    private static ControlServer start(
            Path socket, @Nullable ServerSocketChannel listen, ApiHandler handler, Connections connections)
            throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX);
        threads.setName("control");
        Server server = new Server(threads);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        // The router judges the path as it was sent; encoded slashes are part of bookmark names.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        UnixDomainServerConnector connector =
                new UnixDomainServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
        connector.setUnixDomainPath(socket);
        connector.setIdleTimeout(IDLE_TIMEOUT_MS);
        connector.addEventListener(connections);
        server.addConnector(connector);
        if (listen != null) {
            ServerConnector network = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
            network.open(listen);
            network.setIdleTimeout(IDLE_TIMEOUT_MS);
            network.addEventListener(connections);
            server.addConnector(network);
        }
        // Without it the answer to a request to shut down may be cut off by the end it asked for.
        server.setHandler(new GracefulHandler(handler));
        server.setStopTimeout(STOP_TIMEOUT_MS);
        server.setErrorHandler(new JettyErrors());
        try {
            server.start();
            Files.setPosixFilePermissions(socket, OWNER_READ_WRITE);
            return new ControlServer(server, handler.followers(), connections);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Ends it after the requests under way, and removes the socket. */
    @Override
    public void close() {
        try {
            followers.close();
            connections.close();
            server.stop();
        } catch (Exception e) {
            throw new StoreException(Kind.IO, "The control socket was not closed cleanly.", e);
        }
    }
}

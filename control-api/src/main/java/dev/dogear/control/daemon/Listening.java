package dev.dogear.control.daemon;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the loopback interface that callers with a key may use. Bound before anything is served, so that it is known. */
final class Listening {
    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    private static final Pattern ADDRESS = Pattern.compile("(127(?:\\.\\d{1,3}){3}|\\[::1]|localhost):(\\d{1,5})");
    private static final int PORT_MAX = 65_535;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration AGAIN = Duration.ofMillis(20);

    private Listening() {}

    /**
     * Binds it.
     *
     * @param address such as {@code 127.0.0.1:8080}; port 0 for any
     * @param folder where the port is noted, for the daemon that follows
     * @param follows whether another daemon answered there before, which may not be quite gone; then there may be no
     *     answer to the network, but the mount goes on
     * @throws StoreException INVALID if others than this host could reach it; IN_USE
     */
    static @Nullable ServerSocketChannel bind(String address, Path folder, boolean follows) {
        InetSocketAddress wanted = parse(address);
        Path note = folder.resolve("listen");
        long until = System.nanoTime() + (follows ? PATIENCE.toNanos() : 0);
        while (true) {
            try {
                int port = wanted.getPort() == 0 && follows ? noted(note) : wanted.getPort();
                ServerSocketChannel channel = open(new InetSocketAddress(wanted.getAddress(), port));
                Files.writeString(note, Integer.toString(channel.socket().getLocalPort()));
                return channel;
            } catch (IOException e) {
                if (System.nanoTime() < until) {
                    LockSupport.parkNanos(AGAIN.toNanos());
                } else if (follows) {
                    LOG.error("nobody is answered at {} any more", address, e);
                    return null;
                } else {
                    throw new StoreException(
                            Kind.IN_USE, "Nothing can listen at " + address + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private static ServerSocketChannel open(InetSocketAddress address) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            return channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static int noted(Path note) throws IOException {
        return Files.exists(note) ? Integer.parseInt(Files.readString(note)) : 0;
    }

    /** What is sent there passes in the clear, so nothing but the loopback interface will do. */
    static InetSocketAddress parse(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > PORT_MAX) {
            throw new StoreException(
                    Kind.INVALID,
                    "Keys would pass over the network in the clear: listen at 127.0.0.1:PORT or [::1]:PORT, not at "
                            + address);
        }
        try {
            String host = matcher.group(1);
            InetAddress loopback = InetAddress.getByName(host.equals("localhost") ? "127.0.0.1" : host);
            return new InetSocketAddress(loopback, Integer.parseInt(matcher.group(2)));
        } catch (IOException e) {
            throw new StoreException(Kind.INVALID, "This is no address: " + address, e);
        }
    }
}

package dev.dogear.control.auth;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/** Says who is at the other end of a Unix socket, as the kernel recorded it when the connection was made. */
public final class PeerCredentials {
    private final UserPrincipal own;
    private final UserPrincipal root;

    private PeerCredentials(UserPrincipal own, UserPrincipal root) {
        this.own = own;
        this.root = root;
    }

    /** Lets in that user, who runs the daemon, and root. */
    public static PeerCredentials of(UserPrincipal own) throws IOException {
        // Principals compare by number, so the number serves where the account has another name.
        UserPrincipal root =
                FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
        return new PeerCredentials(own, root);
    }

    /** The user behind a connection; empty if that user may not ask anything. */
    public Optional<String> user(SocketChannel channel) throws IOException {
        UserPrincipal user =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return user.equals(own) || user.equals(root) ? Optional.of(user.getName()) : Optional.empty();
    }
}

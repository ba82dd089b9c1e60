package dev.dogear.control.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys never pass over a network in the clear. */
final class ListeningTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0:0",
                ":8080",
                "8080",
                "[::]:1",
                "10.0.0.1:80",
                "example.org:80",
                "127.0.0.1",
                "127.0.0.1:70000",
                "127.0.0.1.example.org:80",
                "1127.0.0.1:80"
            })
    void nothingButTheLoopbackInterfaceWillDo(String address) {
        StoreException e = assertThrows(StoreException.class, () -> Listening.bind(address, folder, false), address);
        assertEquals(StoreException.Kind.INVALID, e.kind());
        assertTrue(e.toString().contains("127.0.0.1:PORT"), e.toString());
    }

    @Test
    void theNextDaemonListensWhereTheOneBeforeDid() throws IOException {
        int port;
        try (ServerSocketChannel first = listen(false)) {
            port = first.socket().getLocalPort();
            StoreException e =
                    assertThrows(StoreException.class, () -> Listening.bind("127.0.0.1:" + port, folder, false));
            assertEquals(StoreException.Kind.IN_USE, e.kind());
        }
        try (ServerSocketChannel next = listen(true)) {
            assertEquals(port, next.socket().getLocalPort());
        }
    }

    private ServerSocketChannel listen(boolean follows) {
        return Objects.requireNonNull(Listening.bind("127.0.0.1:0", folder, follows));
    }
}

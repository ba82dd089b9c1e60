package dev.dogear.mount.keeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The service manager, when it has started this process as a service: it is told how we are, and its descriptor store holds for us what a keeper
 * would. The protocol is that of sd_notify(3) and sd_listen_fds(3).
 */
final class Systemd {
    private static final System.Logger LOG = System.getLogger(Systemd.class.getName());
    private static final String SOCKET = "NOTIFY_SOCKET";
    private static final int FIRST_DESCRIPTOR = 3;
    private static final int AF_UNIX = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    /** Where things lie in the native memory: struct msghdr, iovec, cmsghdr with one descriptor, sockaddr_un, the text. */
    private static final int MESSAGE = 0;

    private static final int VECTOR = 64;
    private static final int CONTROL = 80;
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_LENGTH = 20;
    private static final int ADDRESS = 112;
    private static final int ADDRESS_BYTES_MAX = 110;
    private static final int TEXT = 256;
    private static final int MEMORY_BYTES = 1024;

    private Systemd() {}

    /** Whether we are a service of one. */
    static boolean isThere() {
        return System.getenv(SOCKET) != null;
    }

    /** The descriptor of that name that was stored for us; -1 if there is none. */
    static int stored(String name) {
        if (!Long.toString(ProcessHandle.current().pid()).equals(System.getenv("LISTEN_PID"))) {
            return -1;
        }
        List<String> names =
                List.of(System.getenv().getOrDefault("LISTEN_FDNAMES", "").split(":", -1));
        int at = names.indexOf(name);
        return at < 0 ? -1 : FIRST_DESCRIPTOR + at;
    }

    /** It keeps another descriptor of the same file, until told otherwise or until the service has ended for good. */
    static void store(String name, int descriptor) {
        send("FDSTORE=1\nFDNAME=" + name, descriptor);
    }

    /** It lets go of what was stored by that name. */
    static void remove(String name) {
        send("FDSTOREREMOVE=1\nFDNAME=" + name, -1);
    }

    /** Such as {@code READY=1}. */
    static void tell(String state) {
        send(state, -1);
    }

    private static void send(String text, int descriptor) {
        String path = System.getenv(SOCKET);
        if (path == null) {
            return;
        }
        int socket = LibC.datagramSocket();
        NativeMemory memory = new NativeMemory(MEMORY_BYTES);
        try {
            put(memory, path, text, descriptor);
            long sent = socket < 0 ? socket : LibC.send(socket, memory.address() + MESSAGE);
            if (sent < 0) {
                LOG.log(System.Logger.Level.ERROR, "the service manager cannot be told {0}: errno {1}", text, -sent);
            }
        } finally {
            Reference.reachabilityFence(memory);
            if (socket >= 0) {
                LibC.close(socket);
            }
        }
    }

    private static void put(NativeMemory memory, String path, String text, int descriptor) {
        ByteBuffer to = memory.buffer();
        long base = memory.address();
        byte[] address = path.getBytes(UTF_8);
        if (address.length > ADDRESS_BYTES_MAX - Short.BYTES) {
            throw new IllegalArgumentException(SOCKET + " is too long: " + path);
        }
        if (address[0] == '@') {
            address[0] = 0; // the abstract name space
        }
        byte[] bytes = text.getBytes(UTF_8);
        to.put(TEXT, bytes);
        to.putShort(ADDRESS, (short) AF_UNIX);
        to.put(ADDRESS + Short.BYTES, address);
        to.putLong(VECTOR, base + TEXT);
        to.putLong(VECTOR + 8, bytes.length);
        to.putLong(MESSAGE, base + ADDRESS);
        to.putLong(MESSAGE + 8, Short.BYTES + address.length);
        to.putLong(MESSAGE + 16, base + VECTOR);
        to.putLong(MESSAGE + 24, 1);
        if (descriptor >= 0) {
            to.putLong(MESSAGE + 32, base + CONTROL);
            to.putLong(MESSAGE + 40, CONTROL_SIZE);
            to.putLong(CONTROL, CONTROL_LENGTH);
            to.putInt(CONTROL + 8, SOL_SOCKET);
            to.putInt(CONTROL + 12, SCM_RIGHTS);
            to.putInt(CONTROL + 16, descriptor);
        }
    }
}

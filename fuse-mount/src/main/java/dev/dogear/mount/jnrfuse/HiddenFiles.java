package dev.dogear.mount.jnrfuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dogear.mount.vfs.FileSystemCalls;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files that were removed while open. libfuse renames such a file to {@code .fuse_hidden…} until its last close, because it knows
 * files by path alone. We know them by node: so the name goes at once, no listing or checkpoint has the hidden one, and here it
 * is remembered which node libfuse means by it.
 */
final class HiddenFiles {
    private static final Pattern NAME = Pattern.compile("\\.fuse_hidden[0-9a-f]{16}");

    private final FileSystemCalls calls;
    private final Map<String, Long> nodes = new ConcurrentHashMap<>();

    HiddenFiles(FileSystemCalls calls) {
        this.calls = calls;
    }

    /** Whether it is a name that libfuse gives to a file removed while open. */
    static boolean isHidden(byte[] name) {
        return NAME.matcher(new String(name, ISO_8859_1)).matches();
    }

    /** The node of a hidden name, or null. */
    @Nullable
    Long node(byte[] name) {
        return nodes.isEmpty() ? null : nodes.get(new String(name, ISO_8859_1));
    }

    /** Takes over one look-up of the node. */
    void add(byte[] name, long node) {
        nodes.put(new String(name, ISO_8859_1), node);
    }

    /** libfuse gives the name up. */
    void remove(byte[] name) {
        Long node = nodes.remove(new String(name, ISO_8859_1));
        if (node != null) {
            calls.forget(node, 1);
        }
    }

    /** Nobody has the file open any more, by none of the names it had. */
    void forget(long node) {
        if (!nodes.isEmpty()) {
            nodes.forEach((name, hidden) -> {
                if (hidden == node && nodes.remove(name, hidden)) {
                    calls.forget(node, 1);
                }
            });
        }
    }
}

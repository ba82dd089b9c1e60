package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a directory shows: every path below it with all that a program can see of it, but for the times of access and change. */
record Shown(Map<String, Node> nodes) {
    /**
     * What stat, readlink, listxattr and read say.
     *
     * @param attributes type, mode, owner, links, size and time of modification as text
     */
    record Node(long inode, String attributes, @Nullable String target, String xattrs, byte[] content) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Node node && describe().equals(node.describe());
        }

        @Override
        public int hashCode() {
            return describe().hashCode();
        }

        String describe() {
            String head = new String(content, 0, Math.min(content.length, 30), UTF_8).replaceAll("[^ -~]", "?");
            return "inode %x/%x %s %s %s %d bytes #%x %s"
                    .formatted(
                            inode >>> 32,
                            inode & 0xffffffffL,
                            attributes,
                            target,
                            xattrs,
                            content.length,
                            Arrays.hashCode(content),
                            head);
        }
    }

    static Shown of(Path directory) throws IOException {
        Map<String, Node> nodes = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                nodes.put(directory.relativize(path).toString(), node(path));
            }
        }
        return new Shown(nodes);
    }

    private static Node node(Path path) throws IOException {
        Map<String, Object> stat = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
        boolean file = Boolean.TRUE.equals(stat.get("isRegularFile"));
        boolean link = Boolean.TRUE.equals(stat.get("isSymbolicLink"));
        boolean directory = Boolean.TRUE.equals(stat.get("isDirectory"));
        String attributes = "%s %s:%s links %s size %s at %s"
                .formatted(
                        octal(stat.get("mode")),
                        stat.get("uid"),
                        stat.get("gid"),
                        stat.get("nlink"),
                        directory ? "-" : stat.get("size"),
                        stat.get("lastModifiedTime"));
        return new Node(
                Long.parseLong(String.valueOf(stat.get("ino"))),
                attributes,
                link ? Files.readSymbolicLink(path).toString() : null,
                link ? "" : xattrs(path),
                file ? Files.readAllBytes(path) : new byte[0]);
    }

    private static String octal(@Nullable Object number) {
        return Long.toOctalString(Long.parseLong(String.valueOf(number)));
    }

    private static String xattrs(Path path) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        Map<String, String> found = new TreeMap<>();
        for (String name : view.list()) {
            ByteBuffer value = ByteBuffer.allocate(view.size(name));
            view.read(name, value);
            found.put(name, new String(value.array(), UTF_8));
        }
        return found.toString();
    }

    /** @throws AssertionError if nothing of that name is shown */
    Node node(String path) {
        Node node = nodes.get(path);
        if (node == null) {
            throw new AssertionError("not shown: " + path + " in " + nodes.keySet());
        }
        return node;
    }

    /** The same in words, a line a path. */
    String describe() {
        StringBuilder text = new StringBuilder();
        nodes.forEach((path, node) ->
                text.append(path).append(": ").append(node.describe()).append('\n'));
        return text.toString();
    }

    /** Without what two bookmarks may not have in common: inode numbers. */
    String describeWithoutInodes() {
        return describe().replaceAll(": inode [0-9a-f/]+ ", ": ");
    }

    byte @Nullable [] contentOf(long inode) {
        return nodes.values().stream()
                .filter(node -> node.inode() == inode)
                .map(Node::content)
                .findFirst()
                .orElse(null);
    }

    /** All regular files with content, opened for reading and mapped. */
    List<Held> hold(Path directory) throws IOException {
        List<Held> held = new ArrayList<>();
        for (Map.Entry<String, Node> each : nodes.entrySet()) {
            if (each.getValue().content().length > 0) {
                held.add(new Held(each.getKey(), directory.resolve(each.getKey()), each.getValue()));
            }
        }
        return held;
    }

    /** A file that a program has open and mapped. */
    static final class Held implements AutoCloseable {
        private final String name;
        private final Node node;
        private final FileChannel channel;
        private final Mapping mapping;

        private Held(String name, Path path, Node node) throws IOException {
            this.name = name;
            this.node = node;
            this.channel = FileChannel.open(path, StandardOpenOption.READ);
            this.mapping = new Mapping(channel, FileChannel.MapMode.READ_ONLY);
            // Every page is in memory now: what is read later is old unless the kernel was told.
            assertEquals(hash(node.content()), hash(mapping.read(node.content().length)), name);
        }

        /** The file as it is now, or as it was if it is nowhere in the tree any more. */
        void assertShows(Shown now) throws IOException {
            byte[] present = now.contentOf(node.inode());
            byte[] expected = present == null ? node.content() : present;
            String what = "the file held open as " + name + (present == null ? ", gone from the tree" : "");
            assertEquals(expected.length, channel.size(), "size of " + what);
            ByteBuffer read = ByteBuffer.allocate(expected.length + 1);
            for (int count = 0; count >= 0 && read.hasRemaining(); ) {
                count = channel.read(read, read.position());
            }
            assertEquals(text(expected), text(Arrays.copyOf(read.array(), read.position())), "content of " + what);
            byte[] mapped = mapping.read(expected.length);
            assertEquals(text(Arrays.copyOf(expected, mapped.length)), text(mapped), "mapped pages of " + what);
        }

        private static int hash(byte[] bytes) {
            return Arrays.hashCode(bytes);
        }

        /** Short enough for a message, long enough to see what it is. */
        private static String text(byte[] bytes) {
            return bytes.length + " bytes #" + hash(bytes) + " "
                    + new String(bytes, 0, Math.min(40, bytes.length), UTF_8);
        }

        @Override
        public void close() throws IOException {
            mapping.close();
            channel.close();
        }
    }

    static void assertAllShow(List<Held> held, Path directory) throws IOException {
        Shown now;
        try {
            now = of(directory);
        } catch (NoSuchFileException e) {
            now = new Shown(Map.of());
        }
        for (Held each : held) {
            each.assertShows(now);
        }
    }

    static void closeAll(List<Held> held) throws IOException {
        for (Held each : held) {
            each.close();
        }
        held.clear();
    }
}

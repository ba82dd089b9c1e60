package dev.dogear.control.mounted;

import dev.dogear.control.mounted.WrittenTree.Item;
import dev.dogear.control.mounted.WrittenTree.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Does random operations in a directory of its own until one fails because the mount is gone. One thread; between its
 * {@link #run}s another may ask {@link #compare}.
 */
final class Writer implements Runnable {
    private static final int FILE_MODE = 0600;
    private static final int DIRECTORY_MODE = 0700;
    private static final int ITEMS_MAX = 400;
    private static final int SMALL_BYTES_MAX = 9_000;
    private static final int LARGE_BYTES_MAX = 300_000;

    private final Path root;
    private final SplittableRandom random;
    private final WrittenTree tree = new WrittenTree();
    private int names;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Throwable ended;

    Writer(Path root, SplittableRandom random) {
        this.root = root;
        this.random = random;
    }

    /** What no dead mount explains, or null. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Why it ended before it was told to, a dead mount too, or null. */
    @Nullable
    Throwable ended() {
        return ended;
    }

    long acknowledged() {
        return tree.acknowledged();
    }

    /** After the operation under way no other is begun. */
    void stop() {
        stopped = true;
    }

    /** What is wrong below the writer's directory, or null. */
    @Nullable
    String compare() throws IOException {
        return tree.compare(root);
    }

    @Override
    public void run() {
        stopped = false;
        try {
            while (!stopped) {
                operation();
            }
        } catch (IOException e) {
            ended = e;
            if (!isDeadMount(e)) {
                failure = e;
            }
        } catch (RuntimeException | Error e) {
            ended = e;
            failure = e;
        }
    }

    /**
     * ENOTCONN, ECONNABORTED and what the JDK makes of them; EIO from a close whose pages had nowhere to go any more; ECANCELED where the
     * host offers io_uring, whose rings die with the daemon.
     */
    static boolean isDeadMount(IOException e) {
        String text = String.valueOf(e instanceof FileSystemException f ? f.getReason() : e.getMessage());
        return text.contains("Transport endpoint is not connected")
                || text.contains("connection abort")
                || text.contains("Input/output error")
                || text.contains("Operation canceled");
    }

    private void operation() throws IOException {
        int kind = tree.items().size() > ITEMS_MAX ? 40 + random.nextInt(60) : random.nextInt(100);
        if (kind < 25) {
            create();
        } else if (kind < 32) {
            makeDirectory();
        } else if (kind < 38) {
            symlink();
        } else if (kind < 41) {
            link();
        } else if (kind < 60) {
            change();
        } else if (kind < 72) {
            rename();
        } else if (kind < 80) {
            chmod();
        } else {
            remove();
        }
    }

    private void create() throws IOException {
        String path = fresh("f");
        int file = tree.newFile();
        tree.begin(Map.of(path, Optional.of(new Item(Kind.FILE, file, FILE_MODE, ""))));
        FileChannel channel = FileChannel.open(
                at(path), Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attribute(FILE_MODE));
        tree.acknowledge();
        byte[] content = bytes();
        tree.beginContent(file, content);
        writeAndClose(channel, 0, content, file, content);
    }

    /** Writes {@code data} at {@code position}, syncs now and then, and closes; after either it must be there. */
    private void writeAndClose(FileChannel channel, long position, byte[] data, int file, byte[] whole)
            throws IOException {
        try (channel) {
            ByteBuffer buffer = ByteBuffer.wrap(data);
            while (buffer.hasRemaining()) {
                channel.write(buffer, position + buffer.position());
            }
            if (random.nextInt(3) == 0) {
                channel.force(random.nextBoolean());
                tree.acknowledge();
                byte[] more = bytes();
                byte[] longer = Arrays.copyOf(whole, whole.length + more.length);
                System.arraycopy(more, 0, longer, whole.length, more.length);
                tree.beginContent(file, longer);
                channel.write(ByteBuffer.wrap(more), whole.length);
            }
        }
        tree.acknowledge();
    }

    private void change() throws IOException {
        String path = any(Kind.FILE);
        if (path == null) {
            return;
        }
        Item item = item(path);
        byte[] before = tree.content(item);
        if (random.nextInt(4) == 0) {
            truncate(path, item, before);
            return;
        }
        boolean append = random.nextInt(3) == 0;
        byte[] data = bytes();
        int position = append ? before.length : random.nextInt(before.length + 1);
        byte[] after = Arrays.copyOf(before, Math.max(before.length, position + data.length));
        System.arraycopy(data, 0, after, position, data.length);
        FileChannel channel = FileChannel.open(at(path), StandardOpenOption.WRITE);
        tree.beginContent(item.file(), after);
        writeAndClose(channel, position, data, item.file(), after);
    }

    private void truncate(String path, Item item, byte[] before) throws IOException {
        int length = random.nextInt(before.length + 1);
        try (FileChannel channel = FileChannel.open(at(path), StandardOpenOption.WRITE)) {
            tree.beginContent(item.file(), Arrays.copyOf(before, length));
            channel.truncate(length);
            tree.acknowledge();
        }
    }

    private void makeDirectory() throws IOException {
        String path = fresh("d");
        tree.begin(Map.of(path, Optional.of(new Item(Kind.DIRECTORY, 0, DIRECTORY_MODE, ""))));
        Files.createDirectory(at(path), attribute(DIRECTORY_MODE));
        tree.acknowledge();
    }

    private void symlink() throws IOException {
        String path = fresh("l");
        String target = "to/" + "x".repeat(random.nextInt(200)) + names;
        tree.begin(Map.of(path, Optional.of(new Item(Kind.LINK, 0, 0, target))));
        Files.createSymbolicLink(at(path), Path.of(target));
        tree.acknowledge();
    }

    private void link() throws IOException {
        String existing = any(Kind.FILE);
        if (existing == null) {
            return;
        }
        String path = fresh("h");
        tree.begin(Map.of(path, Optional.of(item(existing))));
        Files.createLink(at(path), at(existing));
        tree.acknowledge();
    }

    private void rename() throws IOException {
        String from = any(null);
        if (from == null) {
            return;
        }
        boolean file = item(from).kind() == Kind.FILE;
        String over = file && random.nextBoolean() ? any(Kind.FILE) : null;
        String to = over == null ? fresh("r") : over;
        if (to.equals(from) || to.startsWith(from + "/")) {
            return;
        }
        if (over != null && item(over).file() == item(from).file()) {
            return; // Two names of one file: rename does nothing.
        }
        Map<String, Optional<Item>> moved = new HashMap<>();
        tree.items().forEach((path, item) -> {
            if (path.equals(from) || path.startsWith(from + "/")) {
                moved.put(path, Optional.empty());
                moved.put(to + path.substring(from.length()), Optional.of(item));
            }
        });
        tree.begin(moved);
        Files.move(at(from), at(to), StandardCopyOption.ATOMIC_MOVE);
        tree.acknowledge();
    }

    private void chmod() throws IOException {
        String path = any(Kind.FILE);
        if (path == null) {
            return;
        }
        int mode = 0600 | random.nextInt(0100);
        Map<String, Optional<Item>> changed = new HashMap<>();
        Item chosen = item(path);
        tree.items().forEach((each, item) -> {
            if (item.kind() == Kind.FILE && item.file() == chosen.file()) {
                changed.put(each, Optional.of(item.withMode(mode)));
            }
        });
        tree.begin(changed);
        Files.setPosixFilePermissions(at(path), permissions(mode));
        tree.acknowledge();
    }

    /** Only the owner's bits, which no umask takes away. */
    private static FileAttribute<Set<PosixFilePermission>> attribute(int mode) {
        return PosixFilePermissions.asFileAttribute(permissions(mode));
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                set.add(all[i]);
            }
        }
        return set;
    }

    private void remove() throws IOException {
        String path = any(null);
        if (path == null) {
            return;
        }
        tree.begin(Map.of(path, Optional.empty()));
        try {
            Files.delete(at(path));
            tree.acknowledge();
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
            String next = tree.items().higherKey(path + "/");
            if (next == null || !next.startsWith(path + "/")) {
                throw new AssertionError(path + " is empty, but cannot be removed", e);
            }
            tree.refused();
        }
    }

    private Path at(String path) {
        return root.resolve(path);
    }

    private Item item(String path) {
        Item item = tree.items().get(path);
        if (item == null) {
            throw new IllegalStateException(path);
        }
        return item;
    }

    /** A path nobody has yet, in the top or in any directory. */
    private String fresh(String prefix) {
        names++;
        String parent = random.nextInt(3) == 0 ? null : any(Kind.DIRECTORY);
        return (parent == null ? "" : parent + "/") + prefix + names;
    }

    private @Nullable String any(@Nullable Kind kind) {
        List<String> paths = new ArrayList<>();
        tree.items().forEach((path, item) -> {
            if (kind == null || item.kind() == kind) {
                paths.add(path);
            }
        });
        return paths.isEmpty() ? null : paths.get(random.nextInt(paths.size()));
    }

    private byte[] bytes() {
        boolean large = random.nextInt(25) == 0;
        byte[] bytes = new byte[1 + random.nextInt(large ? LARGE_BYTES_MAX : SMALL_BYTES_MAX)];
        random.nextBytes(bytes);
        return bytes;
    }
}

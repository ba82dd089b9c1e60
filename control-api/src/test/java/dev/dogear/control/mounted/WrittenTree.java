package dev.dogear.control.mounted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a single writer knows of its directory: the state every acknowledged operation left, and the one operation under
 * way, of which nobody knows. Paths are relative; files have numbers, since several paths may name one.
 */
final class WrittenTree {
    /** What a path names. A file's content is found by its number; a symbolic link has a target. */
    record Item(Kind kind, int file, int mode, String target) {
        Item withMode(int newMode) {
            return new Item(kind, file, newMode, target);
        }
    }

    /** Kinds of items. */
    enum Kind {
        FILE,
        DIRECTORY,
        LINK
    }

    /**
     * An operation under way.
     *
     * @param paths what it makes of paths; empty removes
     * @param file whose content it changes, 0 for none
     * @param content that file's content after it
     */
    private record Step(Map<String, Optional<Item>> paths, int file, byte[] content) {}

    private final TreeMap<String, Item> items = new TreeMap<>();
    private final Map<Integer, byte[]> contents = new HashMap<>();
    private @Nullable Step step;
    private int files;
    private long acknowledged;

    int newFile() {
        files++;
        contents.put(files, new byte[0]);
        return files;
    }

    NavigableMap<String, Item> items() {
        return items;
    }

    byte[] content(Item item) {
        return Objects.requireNonNull(contents.get(item.file));
    }

    /** Operations that were acknowledged. */
    long acknowledged() {
        return acknowledged;
    }

    /** From here on the paths may be as before or as after. */
    void begin(Map<String, Optional<Item>> paths) {
        step = new Step(paths, 0, new byte[0]);
    }

    /** From here on each byte of the file may be as before, as after, or (where it was extended) zero. */
    void beginContent(int file, byte[] content) {
        step = new Step(Map.of(), file, content);
    }

    /** The operation returned: it must be there from now on. */
    void acknowledge() {
        Step done = Objects.requireNonNull(step);
        step = null;
        acknowledged++;
        apply(items, done);
        if (done.file != 0) {
            contents.put(done.file, done.content);
        }
    }

    /** The operation was refused for a reason of its own: nothing has changed. */
    void refused() {
        step = null;
    }

    private static void apply(Map<String, Item> to, Step done) {
        done.paths.forEach((path, item) -> {
            if (item.isPresent()) {
                to.put(path, item.get());
            } else {
                to.remove(path);
            }
        });
    }

    /** Compares with what is there, answers what differs or null, and takes what is there for the operation under way. */
    @Nullable
    String compare(Path root) throws IOException {
        Map<String, Item> found = new TreeMap<>();
        Map<String, byte[]> data = new TreeMap<>();
        read(root, found, data);
        Map<String, Item> after = new TreeMap<>(items);
        Step open = step;
        if (open != null) {
            apply(after, open);
        }
        String differs = differs(items, found);
        if (differs != null) {
            if (open == null || differs(after, found) != null) {
                return differs + (open == null ? "" : " (under way: " + open.paths + ")");
            }
            items.clear();
            items.putAll(after);
        }
        String content = differingContent(data, open);
        step = null;
        return content;
    }

    private static @Nullable String differs(Map<String, Item> expected, Map<String, Item> found) {
        for (Map.Entry<String, Item> each : expected.entrySet()) {
            Item there = found.get(each.getKey());
            if (there == null) {
                return "missing: " + each;
            }
            Item want = each.getValue();
            if (there.kind != want.kind || there.mode != want.mode || !there.target.equals(want.target)) {
                return "differs: " + each + ", found " + there;
            }
        }
        for (Map.Entry<String, Item> each : found.entrySet()) {
            if (!expected.containsKey(each.getKey())) {
                return "too much: " + each;
            }
        }
        return null;
    }

    private @Nullable String differingContent(Map<String, byte[]> data, @Nullable Step open) {
        for (Map.Entry<String, byte[]> each : data.entrySet()) {
            Item item = Objects.requireNonNull(items.get(each.getKey()));
            byte[] expected = content(item);
            byte[] found = each.getValue();
            if (open != null && open.file == item.file) {
                int wrong = wrongByte(expected, open.content, found);
                if (wrong >= 0) {
                    return "content of " + each.getKey() + " is neither old nor new at " + wrong;
                }
            } else if (!Arrays.equals(expected, found)) {
                return "content of " + each.getKey() + " differs at " + Arrays.mismatch(expected, found) + ": "
                        + found.length + " bytes, " + expected.length + " expected";
            }
        }
        if (open != null && open.file != 0) {
            data.forEach((path, bytes) -> {
                if (Objects.requireNonNull(items.get(path)).file == open.file) {
                    contents.put(open.file, bytes);
                }
            });
        }
        return null;
    }

    private static int wrongByte(byte[] before, byte[] after, byte[] found) {
        int least = Math.min(before.length, after.length);
        int most = Math.max(before.length, after.length);
        if (found.length < least || found.length > most) {
            return found.length;
        }
        for (int i = 0; i < found.length; i++) {
            boolean old = i < before.length && found[i] == before[i];
            boolean fresh = i < after.length && found[i] == after[i];
            boolean hole = i >= before.length && found[i] == 0;
            if (!old && !fresh && !hole) {
                return i;
            }
        }
        return -1;
    }

    private static void read(Path root, Map<String, Item> found, Map<String, byte[]> data) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : (Iterable<Path>) walk::iterator) {
                if (path.equals(root)) {
                    continue;
                }
                String name = root.relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    found.put(
                            name,
                            new Item(
                                    Kind.LINK,
                                    0,
                                    0,
                                    Files.readSymbolicLink(path).toString()));
                    continue;
                }
                boolean directory = Files.isDirectory(path);
                found.put(name, new Item(directory ? Kind.DIRECTORY : Kind.FILE, 0, mode(path), ""));
                if (!directory) {
                    data.put(name, Files.readAllBytes(path));
                }
            }
        }
    }

    /** Permission bits as a number. */
    static int mode(Path path) throws IOException {
        int mode = 0;
        String text = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        for (int i = 0; i < text.length(); i++) {
            mode = mode << 1 | (text.charAt(i) == '-' ? 0 : 1);
        }
        return mode;
    }
}

package dev.dogear.mount.kernel;

import dev.dogear.mount.kernel.Notifier.Notice;
import dev.dogear.mount.vfs.FileSystemCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The names above bookmarks that the kernel was told, by the node they led to: what it has to look up anew when a bookmark is
 * gone. Few, and kept for the life of the mount. A name that was not there needs no entry, since the kernel is never told to
 * remember that at these levels.
 */
public final class ShownNames {
    private final ConcurrentHashMap<Long, Set<Notice>> namesOf = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Notice, Long> nodeOf = new ConcurrentHashMap<>();

    private volatile BiConsumer<Notice, Long> first = (notice, node) -> {};

    ShownNames() {}

    /** Remembers that {@code name} was answered with {@code node}; below bookmarks it does nothing. */
    void note(long directory, byte[] name, long node) {
        if (FileSystemCalls.isLevel(directory) && node != 0) {
            Notice notice = Notice.name(directory, name);
            if (!Objects.equals(nodeOf.get(notice), node)) {
                first.accept(notice, node);
            }
            namesOf.computeIfAbsent(node, key -> ConcurrentHashMap.newKeySet()).add(notice);
            nodeOf.put(notice, node);
        }
    }

    /** What is told of names that were not told before. */
    void onNew(BiConsumer<Notice, Long> told) {
        first = told;
    }

    /** The kernel was told the name by an earlier daemon. */
    void restore(long directory, byte[] name, long node) {
        note(directory, name, node);
    }

    /** The names that lead to the node, nearest first. */
    public List<Notice> leadingTo(long node) {
        List<Notice> found = new ArrayList<>();
        collect(node, found);
        return found;
    }

    /** The names of that path from the mount's root, as far down as the kernel was told any. */
    public List<Notice> along(long root, List<byte[]> path) {
        List<Notice> found = new ArrayList<>();
        Long directory = root;
        for (byte[] name : path) {
            Notice notice = Notice.name(directory, name);
            found.add(notice);
            directory = nodeOf.get(notice);
            if (directory == null) {
                break;
            }
        }
        return found;
    }

    private void collect(long node, List<Notice> found) {
        for (Notice notice : namesOf.getOrDefault(node, Set.of())) {
            found.add(notice);
            if (notice.node() != node) {
                collect(notice.node(), found);
            }
        }
    }
}

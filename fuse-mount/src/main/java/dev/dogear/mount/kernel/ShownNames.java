package dev.dogear.mount.kernel;

import dev.dogear.mount.kernel.Notifier.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names above bookmarks that the kernel was told, by the node they led to: what it has to look up anew when a bookmark is
 * gone. Few, and kept for the life of the mount.
 */
public final class ShownNames {
    private final ConcurrentHashMap<Long, Set<Notice>> namesOf = new ConcurrentHashMap<>();

    ShownNames() {}

    /** Remembers that {@code name} was answered with {@code node}; below bookmarks it does nothing. */
    void note(long directory, byte[] name, long node) {
        if (Wire.aboveBookmarks(directory)) {
            namesOf.computeIfAbsent(node, key -> ConcurrentHashMap.newKeySet()).add(Notice.name(directory, name));
        }
    }

    /** The names that lead to the node, nearest first. */
    public List<Notice> leadingTo(long node) {
        List<Notice> found = new ArrayList<>();
        collect(node, found);
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

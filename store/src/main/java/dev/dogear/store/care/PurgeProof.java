package dev.dogear.store.care;

import dev.dogear.store.StoreException;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Upkeep;
import dev.dogear.store.history.log.HistoryPurge;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ScratchTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.purge.PurgeRules;
import dev.dogear.store.tree.purge.RootPurge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Looks for what was purged, everywhere: in every byte of the repository's files as they are on the disk, in every object
 * unpacked, in every row, and once more through every tree and message that any answer can show.
 */
public final class PurgeProof {
    private static final int WINDOW_BYTES = 4 << 20;
    private static final int PATHS_MAX = 1_000;
    private static final int TELL_EVERY = 1_000;

    private final Repository repository;
    private final PurgeRules rules;
    private final GarbageCollector.Progress progress;
    private final TreeSet<String> left = new TreeSet<>();

    /**
     * What was looked at.
     *
     * @param files of the repository's folder, byte by byte
     * @param bytes of them
     * @param objects unpacked
     * @param rows of all tables
     * @param left where something was found in spite of all, a sentence each
     */
    public record Seen(long files, long bytes, long objects, long rows, List<String> left) {}

    PurgeProof(Repository repository, PurgeRules rules, GarbageCollector.Progress progress) {
        this.repository = repository;
        this.rules = rules;
        this.progress = progress;
    }

    Seen look() {
        long rows = rows();
        answers();
        long objects = repository.tables().objects(0, (sequence, kind, content) -> {
            if (!find(content).isEmpty()) {
                left.add("an object in the tables");
            }
            return true;
        });
        long[] files = files();
        return new Seen(files[0], files[1], objects, rows, List.copyOf(left));
    }

    private List<?> find(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return rules.secrets().find(bytes);
    }

    private long rows() {
        long[] count = {0};
        for (Table table : Table.values()) {
            repository.upkeep().rows(table, row -> {
                if (++count[0] % TELL_EVERY == 0) {
                    progress.at("verifying rows", count[0], 0);
                }
                if (HistoryPurge.holds(row, rules.secrets())) {
                    left.add("a row of the table " + table.name().toLowerCase(Locale.ROOT)
                            + (table == Table.BOOKMARKS ? ": the name of a bookmark; delete it and purge again" : ""));
                }
            });
        }
        return count[0];
    }

    /** The same rewriting again finds nothing to do. */
    private void answers() {
        ScratchTable scratch = new ScratchTable(repository.objects());
        RootPurge roots = new RootPurge(scratch, rules);
        Upkeep upkeep = repository.upkeep();
        HistoryPurge history = upkeep.purge(scratch, roots, rules.secrets(), Set.of());
        HistoryPurge.order().forEach(table -> upkeep.rows(table, history::row));
        roots.found().removedPaths().forEach(path -> left.add("a tree, at " + path));
        roots.found().overwrittenPaths().forEach(path -> left.add("a file, at " + path));
        if (history.rewrittenCommits() > 0 && left.isEmpty()) {
            left.add(history.rewrittenCommits() + " commits");
        }
    }

    private long[] files() {
        long[] seen = new long[2];
        try (Stream<Path> found = Files.walk(repository.tables().directory())) {
            for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator) {
                seen[1] += file(file);
                seen[0]++;
                progress.at("verifying files, MiB", seen[1] >> 20, 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seen;
    }

    private long file(Path path) throws IOException {
        int longest = Math.max(1, rules.secrets().longest());
        ByteBuffer window = ByteBuffer.allocate(Math.max(WINDOW_BYTES, 2 * longest));
        long bytes = 0;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            while (file.read(window) >= 0) {
                bytes = file.position();
                if (window.hasRemaining()) {
                    continue;
                }
                found(path, window);
                window.position(window.limit() - longest + 1);
                window.compact();
            }
            found(path, window);
        } catch (NoSuchFileException e) {
            return 0; // a segment of the journal that went meanwhile
        }
        return bytes;
    }

    private void found(Path path, ByteBuffer window) {
        byte[] bytes = new byte[window.position()];
        window.get(0, bytes);
        if (!rules.secrets().find(bytes).isEmpty()) {
            left.add("the file " + path);
        }
    }

    /** Where contents are still that went from somewhere. */
    static List<String> elsewhere(Repository repository, Set<ContentRef> gone) {
        Set<ContentRef> there = new HashSet<>();
        for (ContentRef content : gone) {
            if (repository.objects().contains(content.id())) {
                there.add(content);
            }
        }
        if (there.isEmpty()) {
            return List.of();
        }
        Elsewhere walk = new Elsewhere(repository, there);
        for (Map.Entry<String, Root> root : repository.roots(PurgeProof::refuse).entrySet()) {
            walk.directory(TreePath.ROOT, root.getValue().directory());
        }
        return List.copyOf(walk.paths);
    }

    /** Goes through trees for some contents, through each tree once. */
    private static final class Elsewhere {
        private final Repository repository;
        private final Set<ContentRef> wanted;
        private final Set<ObjectId> seen = new HashSet<>();
        final TreeSet<String> paths = new TreeSet<>();

        Elsewhere(Repository repository, Set<ContentRef> wanted) {
            this.repository = repository;
            this.wanted = wanted;
        }

        void directory(TreePath path, TreeEntry directory) {
            List<Map.Entry<TreePath, TreeEntry>> below = new ArrayList<>();
            Trees.walk(repository.objects(), directory.content(), seen::add, (name, child) -> {
                switch (child.type()) {
                    case DIRECTORY -> below.add(Map.entry(path.child(name), child));
                    default -> {
                        if (wanted.contains(child.content()) && paths.size() < PATHS_MAX) {
                            paths.add(path.child(name).toString());
                        }
                    }
                }
                return true;
            });
            below.forEach(each -> directory(each.getKey(), each.getValue()));
        }
    }

    private static void refuse(String problem) {
        throw new StoreException(StoreException.Kind.CORRUPT, "A " + problem + "; see: dogear check");
    }
}

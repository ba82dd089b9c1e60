package dev.dogear.store.care;

import dev.dogear.store.DiskErrors;
import dev.dogear.store.RepositoryFolders;
import dev.dogear.store.StoreException;
import dev.dogear.store.history.Store;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.lmdb.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Repairs what can be repaired of one damaged repository, in a store that nobody shows. It works on a copy of the folder, which takes its
 * place at the end; the damaged one stays beside it. One that is sound is left alone.
 */
public final class Repair {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Store store;
    private final String name;
    private final GarbageCollector.Progress progress;

    /**
     * What became of a repository.
     *
     * @param found what the check said before, a sentence each; empty: it was sound and nothing was done
     * @param done what the repair did, a sentence each
     * @param left what the check says now: what is lost, by bookmark or change and path
     * @param aside where the damaged files are now; null: no file was replaced
     */
    public record Report(
            String repository,
            List<String> found,
            List<String> done,
            List<String> left,
            @Nullable Path aside) {}

    public Repair(Store store, String name, GarbageCollector.Progress progress) {
        this.store = store;
        this.name = name;
        this.progress = progress;
    }

    /**
     * Checks it, repairs it if that finds something, and checks it again.
     *
     * @throws StoreException NOT_FOUND; NO_SPACE if the disk cannot hold the copy
     */
    public Report run() {
        if (store.repositoryId(name) == null) {
            throw new StoreException(StoreException.Kind.NOT_FOUND, "There is no repository " + name);
        }
        List<String> found = check();
        if (found.isEmpty()) {
            return new Report(name, found, List.of(), List.of(), null);
        }
        List<String> done = new ArrayList<>();
        Path aside = files(done);
        List<String> left = check();
        if (!left.isEmpty() && rows(done)) {
            left = check();
        }
        edits(done);
        return new Report(name, found, List.copyOf(done), left, aside);
    }

    private List<String> check() {
        return StoreCheck.run(store, List.of(name), progress).problems();
    }

    /** Repairs journal, objects and ids; answers where the files are that were replaced, null if none were. */
    private @Nullable Path files(List<String> done) {
        return store.closed(name, (folder, id) -> {
            requireRoom(folder);
            progress.at("copying " + name, 0, 0);
            Path copy = RepositoryFolders.copy(folder);
            progress.at("repairing " + name, 0, 0);
            try (Flusher flusher = new Flusher()) {
                done.addAll(Tables.repair(copy, id, flusher));
            } catch (StoreException e) {
                RepositoryFolders.delete(copy);
                done.add("Nothing could be repaired: " + e.getMessage());
                return null;
            }
            if (done.isEmpty()) {
                RepositoryFolders.delete(copy);
                return null;
            }
            Path aside = folder.resolveSibling(folder.getFileName() + ".damaged-" + STAMP.format(Instant.now()));
            RepositoryFolders.replace(folder, copy, aside);
            return aside;
        });
    }

    /** Tells of edits that the journal has and that fit nowhere any more. */
    private void edits(List<String> done) {
        try {
            store.repository(name)
                    .upkeep()
                    .editsLeftOut()
                    .forEach((bookmark, count) -> done.add("Of " + bookmark + " " + count
                            + " edits are left out since they rest on what is not there; the log says which"));
        } catch (StoreException e) {
            done.add(name + " does not open: " + e.getMessage());
        }
    }

    /** Makes rows again; answers whether there were any to make. */
    private boolean rows(List<String> done) {
        try {
            return done.addAll(store.repository(name).repairRows());
        } catch (StoreException e) {
            return false; // it does not open, as the check has said
        }
    }

    private static void requireRoom(Path folder) {
        long bytes = 0;
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path each : walk.toList()) {
                bytes += Files.isRegularFile(each) ? Files.size(each) : 0;
            }
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "The repository's folder cannot be read: " + folder, e);
        }
        DiskErrors.requireRoom(
                "A repair works on a copy of the repository's folder and needs room for it", folder, bytes);
    }
}

package dev.dogear.store;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What is done to whole folders of repositories, each named by an id. */
public final class RepositoryFolders {
    /** What the folder of a repository ends in that is deleted for good and not yet gone. */
    public static final String GONE = ".gone";

    /** The same of a repaired one that is whole and about to take the place of the damaged one. */
    private static final String REPAIRED = ".repaired";

    private RepositoryFolders() {}

    /** Gives it another name beside the old one, in one step that survives a power cut when this returns. */
    public static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            DiskErrors.sync(to.resolveSibling(""));
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The repository's folder cannot be renamed: " + from, e);
        }
    }

    /** Deletes it with all it has. */
    public static void delete(Path folder) {
        try {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The repository's folder cannot be deleted: " + folder, e);
        }
    }

    /** A copy of it that survives a power cut, under a name that the next start deletes. */
    public static Path copy(Path folder) {
        Path copy = folder.resolveSibling(folder.getFileName() + ".repairing" + GONE);
        if (Files.exists(copy)) {
            delete(copy);
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> all = walk.toList();
            for (Path each : all) {
                Path target = copy.resolve(folder.relativize(each).toString());
                Files.copy(each, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
            return copy;
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The repository's folder cannot be copied: " + folder, e);
        }
    }

    /**
     * Puts a folder in the place of another, which gets the name {@code aside}. A death in the middle leaves the old one, or is gone on
     * with by {@link #finishReplacing}.
     */
    public static void replace(Path folder, Path copy, Path aside) {
        Path repaired = repaired(folder);
        if (Files.exists(repaired)) {
            delete(repaired); // of a repair that a death cut off before it had happened
        }
        sync(copy);
        rename(copy, repaired);
        rename(folder, aside);
        rename(repaired, folder);
    }

    /** Goes on with a replacing that a death cut off between its two names. */
    public static void finishReplacing(Path folder) {
        if (!Files.exists(folder) && Files.exists(repaired(folder))) {
            rename(repaired(folder), folder);
        }
    }

    private static Path repaired(Path folder) {
        return folder.resolveSibling(folder.getFileName() + REPAIRED);
    }

    private static void sync(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path each : walk.toList()) {
                DiskErrors.sync(each);
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The repository's folder cannot be made durable: " + folder, e);
        }
    }
}

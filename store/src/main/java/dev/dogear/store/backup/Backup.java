package dev.dogear.store.backup;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.backup.BackupFolder.Saved;
import dev.dogear.store.care.GarbageCollector;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.history.Upkeep;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.workspace.Workspace;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes repositories to a folder: each as it is at one moment, edits included. Objects that an earlier backup in the same folder
 * has are not written again, nor are those that one which was cut off had got to.
 */
public final class Backup {
    private static final long PACK_BYTES = 64L << 20;
    private static final long TELL_EVERY = 1_000;

    private final Store store;
    private final Path directory;
    private final GarbageCollector.Progress progress;
    private long objects;
    private long newBytes;

    /**
     * What was written.
     *
     * @param objects that the folder had not
     * @param newBytes of files that were written
     * @param bytes of all files of the backup
     */
    public record Report(int repositories, long objects, long newBytes, long bytes) {}

    public Backup(Store store, Path directory, GarbageCollector.Progress progress) {
        this.store = store;
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * Backs up those repositories; of others the folder keeps what it has.
     *
     * @throws StoreException NOT_FOUND; INVALID if the folder is for something else; IN_USE; NO_SPACE; IO
     */
    public Report run(List<String> names) {
        if (directory.startsWith(store.path()) || store.path().startsWith(directory)) {
            throw new StoreException(Kind.INVALID, "A backup inside the data folder is none: " + directory);
        }
        List<Repository> repositories = names.stream().map(store::repository).toList();
        try (BackupFolder folder = BackupFolder.toWrite(directory)) {
            Map<String, Saved> now = new TreeMap<>(folder.repositories());
            for (Repository repository : repositories) {
                now.put(repository.id(), backUp(repository, folder));
            }
            folder.publish(now);
            long bytes = now.values().stream()
                    .flatMap(saved -> saved.files().stream())
                    .mapToLong(BackupFile::bytes)
                    .sum();
            return new Report(names.size(), objects, newBytes, bytes);
        }
    }

    private Saved backUp(Repository repository, BackupFolder folder) {
        Tables tables = repository.tables();
        // No collection takes away meanwhile what the rows lead to.
        return tables.undisturbed(() -> {
            List<BackupFile> files = new ArrayList<>();
            long[] until = new long[1];
            repository.upkeep().betweenVerbs(() -> {
                until[0] = moment(repository);
                files.add(rows(repository, until[0]));
                return true;
            });
            tables.fold(0);
            long from = known(folder, repository.id(), files);
            while (from < until[0]) {
                from = pack(repository, from, until[0], files);
            }
            return new Saved(repository.row(), until[0], List.copyOf(files));
        });
    }

    /** Stores all edits as of one moment; answers the LSN it is at. */
    private static long moment(Repository repository) {
        Upkeep upkeep = repository.upkeep();
        List<Workspace> workspaces = upkeep.workspaces();
        workspaces.forEach(upkeep.viewer()::push);
        workspaces.forEach(upkeep::settle);
        List<Workspace> closed = new ArrayList<>();
        try {
            for (Workspace workspace : workspaces) {
                workspace.gate().close();
                closed.add(workspace);
            }
            workspaces.forEach(upkeep::settle);
            return repository.tables().journal().tail();
        } finally {
            closed.forEach(workspace -> workspace.gate().open());
        }
    }

    private BackupFile rows(Repository repository, long until) {
        String path = "repos/" + repository.id() + "/rows-" + number(until);
        BackupFile file = BackupFile.write(
                directory,
                path,
                out -> {
                    for (Table table : Table.values()) {
                        repository.upkeep().rows(table, row -> write(row, out));
                    }
                },
                () -> "");
        newBytes += file.bytes();
        return file;
    }

    private static void write(Row row, DataOutputStream out) {
        byte[] value = row.value();
        if (value == null) {
            return;
        }
        try {
            out.writeUTF(row.table().name());
            out.writeShort(row.key().length);
            out.write(row.key());
            out.writeInt(value.length);
            out.write(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the packs there are already; answers the number from which on objects are missing. */
    private long known(BackupFolder folder, String id, List<BackupFile> files) {
        long from = 0;
        Saved before = folder.repositories().get(id);
        if (before != null) {
            for (BackupFile pack : before.packs()) {
                if (!pack.isThere(directory)) {
                    return from;
                }
                files.add(pack);
                from = end(pack.path());
            }
        }
        // Of a backup that was cut off: whole, or it would not have its name.
        String next = left(id, from);
        while (next != null) {
            BackupFile pack = BackupFile.of(directory, next);
            files.add(pack);
            from = end(next);
            next = left(id, from);
        }
        return from;
    }

    private @Nullable String left(String id, long from) {
        Path folder = directory.resolve("repos").resolve(id);
        try (var found = Files.newDirectoryStream(folder, "objects-" + number(from) + "-????????????????")) {
            for (Path each : found) {
                return "repos/" + id + "/" + each.getFileName();
            }
            return null;
        } catch (IOException e) {
            throw BackupFile.failed(folder, e);
        }
    }

    private static long end(String pack) {
        return Long.parseLong(pack.substring(pack.lastIndexOf('-') + 1), 16);
    }

    private static String number(long lsn) {
        return String.format(Locale.ROOT, "%016x", lsn);
    }

    /** Writes the next objects; answers the number to go on with. */
    private long pack(Repository repository, long from, long until, List<BackupFile> files) {
        if (!hasObjects(repository, from, until)) {
            return until;
        }
        long[] end = {until};
        String begun = "repos/" + repository.id() + "/objects-" + number(from);
        BackupFile file = BackupFile.write(
                directory, begun, out -> end[0] = pack(repository, from, until, out), () -> "-" + number(end[0]));
        files.add(file);
        newBytes += file.bytes();
        return end[0];
    }

    private static boolean hasObjects(Repository repository, long from, long until) {
        boolean[] found = new boolean[1];
        repository.tables().objects(from, (sequence, kind, content) -> {
            found[0] = sequence < until;
            return false;
        });
        return found[0];
    }

    /** As many objects as go into a pack; answers the number of the first that did not. */
    private long pack(Repository repository, long from, long until, DataOutputStream out) {
        long[] end = {until};
        long[] bytes = new long[1];
        repository.tables().objects(from, (sequence, kind, content) -> {
            if (sequence >= until || bytes[0] > PACK_BYTES) {
                end[0] = Math.min(sequence, until);
                return false;
            }
            bytes[0] += content.remaining();
            write(kind, content, out);
            if (++objects % TELL_EVERY == 0) {
                progress.at("objects of " + repository.name(), sequence, until);
            }
            return true;
        });
        return end[0];
    }

    private static void write(ObjectKind kind, ByteBuffer content, DataOutputStream out) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        try {
            out.writeByte(kind.code());
            out.writeInt(bytes.length);
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.dogear.store.backup;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.backup.BackupFolder.Saved;
import dev.dogear.store.care.GarbageCollector;
import dev.dogear.store.history.Store;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes repositories of a backup. Every file is looked at before the first is made: of a damaged backup none is. */
public final class Restore {
    private final Store store;
    private final Path directory;
    private final GarbageCollector.Progress progress;

    public Restore(Store store, Path directory, GarbageCollector.Progress progress) {
        this.store = store;
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * Restores one repository, or all there are.
     *
     * @param nameOrId of one; null for all
     * @param as the name it gets; null for the one it had
     * @return the names they have
     * @throws StoreException NOT_FOUND; INVALID if several have a name; ALREADY_EXISTS if one is taken; LIMIT if there may not
     *     be so many; CORRUPT naming the file that is damaged
     */
    public List<String> run(@Nullable String nameOrId, @Nullable String as) {
        try (BackupFolder folder = BackupFolder.toRead(directory)) {
            Map<String, Saved> wanted = wanted(folder, nameOrId, as);
            store.requireRoom(wanted.size());
            wanted.forEach((named, saved) -> {
                if (store.repositoryId(named) != null) {
                    throw new StoreException(
                            Kind.ALREADY_EXISTS,
                            "There is a repository " + named + ". Restore it as another one: --repo " + named
                                    + " --as NAME");
                }
                long[] done = new long[1];
                for (BackupFile file : saved.files()) {
                    progress.at("verifying " + named, done[0]++, saved.files().size());
                    file.verify(directory);
                }
            });
            wanted.forEach((named, saved) -> store.adopt(named, saved.row(), filling(named, saved)));
            return List.copyOf(wanted.keySet());
        }
    }

    /** By the name each gets. */
    private Map<String, Saved> wanted(BackupFolder folder, @Nullable String nameOrId, @Nullable String as) {
        Map<String, Saved> all = folder.repositories();
        Collection<Saved> chosen = all.values();
        if (nameOrId != null) {
            Saved byItsId = all.get(nameOrId);
            chosen = byItsId == null ? named(nameOrId, all) : List.of(byItsId);
        }
        if (chosen.isEmpty()) {
            throw new StoreException(
                    Kind.NOT_FOUND,
                    "The backup in " + directory + " has no repository " + (nameOrId == null ? "" : nameOrId));
        }
        Map<String, Saved> wanted = new LinkedHashMap<>();
        for (Saved saved : chosen) {
            String name = saved.row().name();
            if (wanted.put(as == null ? name : as, saved) != null) {
                List<String> ids = named(name, all).stream()
                        .map(each -> each.row().idHex())
                        .toList();
                throw new StoreException(
                        Kind.INVALID,
                        "The backup in " + directory + " has several repositories " + name
                                + ". Restore each by its id: --repo ID --as NAME, with ID one of "
                                + String.join(", ", ids));
            }
        }
        return wanted;
    }

    private static List<Saved> named(String name, Map<String, Saved> all) {
        return all.values().stream()
                .filter(saved -> saved.row().name().equals(name))
                .toList();
    }

    private Store.Filling filling(String named, Saved saved) {
        return new Store.Filling() {
            @Override
            public List<Row> rows() {
                List<Row> rows = new ArrayList<>();
                saved.rows().read(directory, in -> rows.add(row(in)));
                return rows;
            }

            @Override
            public void objects(ObjectTable table) {
                long[] done = new long[1];
                for (BackupFile pack : saved.packs()) {
                    progress.at("restoring " + named, done[0]++, saved.packs().size());
                    pack.read(directory, in -> object(in, table));
                }
            }
        };
    }

    private static Row row(DataInputStream in) throws IOException {
        Table table = Table.valueOf(in.readUTF());
        byte[] key = new byte[in.readUnsignedShort()];
        in.readFully(key);
        byte[] value = new byte[in.readInt()];
        in.readFully(value);
        return new Row(table, key, value);
    }

    private static void object(DataInputStream in, ObjectTable table) throws IOException {
        ObjectKind kind = ObjectKind.ofCode(in.readByte());
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        table.write(kind, ByteBuffer.wrap(content));
    }
}

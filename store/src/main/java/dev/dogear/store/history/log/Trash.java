package dev.dogear.store.history.log;

import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.lmdb.ServerTables;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Repositories that were deleted and can be had back: their rows lie in the same table, under keys that no name can be, so
 * that one transaction deletes or restores.
 */
public final class Trash {
    private static final char MARK = '/';

    private final ServerTables server;
    private final ConcurrentSkipListMap<String, Entry> byId = new ConcurrentSkipListMap<>();

    public Trash(ServerTables server) {
        this.server = server;
    }

    /**
     * A deleted repository.
     *
     * @param kept how long it is kept, null for ever
     */
    public record Entry(
            RepositoryRow row, Instant deleted, @Nullable Duration kept, String by) {
        public boolean isOver(Instant now) {
            return kept != null && deleted.plus(kept).isBefore(now);
        }

        /** As the outside sees it. */
        public Deleted shown() {
            return new Deleted(row.name(), row.idHex(), deleted, kept == null ? null : deleted.plus(kept), by);
        }
    }

    /**
     * A deleted repository as the outside sees it.
     *
     * @param until when it is gone for good, null for never
     */
    public record Deleted(
            String name,
            String id,
            Instant deleted,
            @Nullable Instant until,
            String by) {}

    /** Takes in a row of the table if it is one of a deleted repository; answers whether it was. */
    public boolean read(String key, byte[] value) {
        if (key.isEmpty() || key.charAt(0) != MARK) {
            return false;
        }
        ByteArrayDataInput in = ByteStreams.newDataInput(value);
        Instant deleted = Instant.ofEpochSecond(in.readLong());
        long kept = in.readLong();
        String by = in.readUTF();
        String name = in.readUTF();
        byte[] row = new byte[in.readInt()];
        in.readFully(row);
        Entry entry =
                new Entry(RepositoryRow.decode(name, row), deleted, kept < 0 ? null : Duration.ofSeconds(kept), by);
        byId.put(entry.row().idHex(), entry);
        return true;
    }

    /** Takes a repository out of the list of names. */
    public void put(Entry entry) {
        Duration kept = entry.kept();
        byte[] row = entry.row().encode();
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.writeLong(entry.deleted().getEpochSecond());
        out.writeLong(kept == null ? -1 : kept.toSeconds());
        out.writeUTF(entry.by());
        out.writeUTF(entry.row().name());
        out.writeInt(row.length);
        out.write(row);
        server.replace(ServerTables.Name.REPOSITORIES, bytes(entry.row().name()), key(entry.row()), out.toByteArray());
        byId.put(entry.row().idHex(), entry);
    }

    /** Puts a repository back under that name. */
    public void restore(Entry entry, RepositoryRow named) {
        server.replace(ServerTables.Name.REPOSITORIES, key(entry.row()), bytes(named.name()), named.encode());
        byId.remove(entry.row().idHex());
    }

    /** It is gone for good. */
    public void forget(Entry entry) {
        server.delete(ServerTables.Name.REPOSITORIES, key(entry.row()));
        byId.remove(entry.row().idHex());
    }

    /** Newest first. */
    public List<Entry> all() {
        return byId.values().stream()
                .sorted(Comparator.comparing(Entry::deleted).reversed())
                .toList();
    }

    /** The one of that id, or the one of that name that was deleted last. */
    public Entry find(String nameOrId) {
        Entry byItsId = byId.get(nameOrId);
        if (byItsId != null) {
            return byItsId;
        }
        return all().stream()
                .filter(entry -> entry.row().name().equals(nameOrId))
                .findFirst()
                .orElseThrow(() -> new StoreException(
                        Kind.NOT_FOUND, "There is no deleted repository " + nameOrId + ", or none any more"));
    }

    private static byte[] key(RepositoryRow row) {
        return bytes(MARK + row.idHex());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

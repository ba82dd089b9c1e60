package dev.dogear.store.config;

import com.google.common.io.ByteArrayDataInput;
import com.google.common.io.ByteArrayDataOutput;
import com.google.common.io.ByteStreams;
import dev.dogear.store.StoreException;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.ServerTables;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one repository, in one row of {@link Table#META}, or of the daemon, in one row of the data folder's. What
 * a change answered is durable, all of it or nothing.
 */
public final class Settings {
    private static final byte[] ROW = "config".getBytes(StandardCharsets.UTF_8);

    /** What a repository had before there was anything else to set: how long it keeps, and when idle bookmarks go. */
    private static final byte[] OLD_ROW = "retention".getBytes(StandardCharsets.UTF_8);

    private final Consumer<byte[]> saving;
    private volatile Config now;

    private Settings(Config now, Consumer<byte[]> saving) {
        this.now = now;
        this.saving = saving;
    }

    /** Those of a repository. */
    public static Settings of(Tables tables) {
        byte[] row = tables.get(Table.META, ROW);
        Config config = new Config(Setting.Owner.REPOSITORY, row == null ? old(tables) : decode(row));
        return new Settings(config, value -> tables.publish(
                        List.of(new Row(Table.META, ROW, value), new Row(Table.META, OLD_ROW, null)))
                .join());
    }

    private static Map<String, String> old(Tables tables) {
        byte[] row = tables.get(Table.META, OLD_ROW);
        Map<String, String> set = new HashMap<>();
        if (row != null) {
            String[] spans = new String(row, StandardCharsets.UTF_8).split(" ", -1);
            set.put(Setting.RETENTION.key(), spans[0]);
            if (!Form.isNone(spans[1])) {
                set.put(Setting.BOOKMARK_IDLE.key(), spans[1]);
                set.put(Setting.BOOKMARK_CLEAN_UP.key(), "*");
            }
        }
        return set;
    }

    /** Those of the daemon. */
    public static Settings of(ServerTables tables) {
        byte[] row = tables.get(ServerTables.Name.SETTINGS, ROW);
        Config config = new Config(Setting.Owner.DAEMON, row == null ? Map.of() : decode(row));
        return new Settings(config, value -> tables.put(ServerTables.Name.SETTINGS, ROW, value));
    }

    public Config now() {
        return now;
    }

    /**
     * Changes those settings, all or none; a null takes one back to its default.
     *
     * @throws StoreException INVALID for a key that is none, or a value of another form
     */
    public synchronized Config change(Map<String, @Nullable String> changes) {
        Config changed = now.with(changes);
        saving.accept(encode(changed.set()));
        now = changed;
        return changed;
    }

    private static byte[] encode(Map<String, String> set) {
        ByteArrayDataOutput out = ByteStreams.newDataOutput();
        out.writeInt(set.size());
        set.forEach((key, value) -> {
            out.writeUTF(key);
            out.writeUTF(value);
        });
        return out.toByteArray();
    }

    private static Map<String, String> decode(byte[] row) {
        ByteArrayDataInput in = ByteStreams.newDataInput(row);
        Map<String, String> set = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            set.put(in.readUTF(), in.readUTF());
        }
        return set;
    }
}

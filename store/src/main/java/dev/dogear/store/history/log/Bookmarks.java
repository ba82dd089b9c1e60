package dev.dogear.store.history.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import com.google.common.primitives.Bytes;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bookmarks of one repository. A row is read when its bookmark is first asked for, all of them when somebody lists
 * them; from then on they are in memory and change only by {@link #apply}. So neither opening a repository nor making a
 * bookmark costs more where there are many.
 *
 * <p>Beside each row of {@link Table#BOOKMARKS} stands one in {@link Table#META} under a hash of the name in lower case: it says
 * whether a new name differs from one there is.
 */
public final class Bookmarks {
    /** A name up to this long is the key of its row. */
    private static final int KEY_BYTES_MAX = 511;

    /** Of a longer name the key has so much, a zero byte, which no name has, and a hash; the row ends with the name. */
    private static final int KEY_NAME_BYTES = 470;

    private static final byte[] FOLDED = "folded ".getBytes(UTF_8);
    private static final int FOLDED_HASH_BYTES = 16;
    /** There once every bookmark has its folded row; stores of format 2 had none. */
    private static final byte[] ALL_FOLDED = "folded".getBytes(UTF_8);

    private static final int ROWS_AT_ONCE = 1_000;

    private final Tables tables;
    private final NavigableMap<String, BookmarkState> known = new ConcurrentSkipListMap<>();
    private final Map<Integer, String> names = new ConcurrentHashMap<>();
    private volatile boolean all;

    Bookmarks(Tables tables) {
        this.tables = tables;
        if (tables.get(Table.META, ALL_FOLDED) == null) {
            foldAll();
        }
    }

    private void foldAll() {
        List<Row> rows = new ArrayList<>();
        scan("", (name, state) -> {
            rows.add(folded(name, true));
            return true;
        });
        rows.add(allFolded());
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            // The last of them says that all are there, so a death in between does it again.
            tables.publish(rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE)))
                    .join();
        }
    }

    /** What a repository whose bookmarks all have their folded row begins with. */
    static Row allFolded() {
        return new Row(Table.META, ALL_FOLDED, new byte[] {1});
    }

    /** How many are in memory: those that were asked for, or all. */
    public int loaded() {
        return known.size();
    }

    /** The bookmark of that name, or null. */
    public @Nullable BookmarkState get(String name) {
        BookmarkState state = known.get(name);
        return state != null || all ? state : load(name);
    }

    private synchronized @Nullable BookmarkState load(String name) {
        BookmarkState state = known.get(name);
        // The table takes no empty key.
        if (state == null && !all && !name.isEmpty()) {
            byte[] value = tables.get(Table.BOOKMARKS, key(name));
            if (value != null) {
                state = RowCodec.decodeBookmark(value);
                keep(name, state);
            }
        }
        return state;
    }

    private void keep(String name, BookmarkState state) {
        known.put(name, state);
        names.put(state.number(), name);
    }

    /** All of them by name, weakly consistent. */
    public NavigableMap<String, BookmarkState> all() {
        if (!all) {
            loadAll();
        }
        return known;
    }

    private synchronized void loadAll() {
        if (!all) {
            // What is known is as new as what the scan sees, or newer.
            scan("", (name, state) -> {
                if (!known.containsKey(name)) {
                    keep(name, state);
                }
                return true;
            });
            all = true;
        }
    }

    /** Those whose names begin with {@code prefix}, by name; costs what it answers. */
    public NavigableMap<String, BookmarkState> startingWith(String prefix) {
        if (prefix.isEmpty()) {
            return all();
        }
        NavigableMap<String, BookmarkState> found = new TreeMap<>();
        if (!all) {
            scan(prefix, (name, state) -> {
                found.put(name, state);
                return true;
            });
            return found;
        }
        for (Map.Entry<String, BookmarkState> each : known.tailMap(prefix, true).entrySet()) {
            if (!each.getKey().startsWith(prefix)) {
                break;
            }
            found.put(each.getKey(), each.getValue());
        }
        return found;
    }

    /** Whether some name begins with that. */
    public boolean isAnyStartingWith(String prefix) {
        return first(prefix) != null;
    }

    private @Nullable String first(String prefix) {
        if (all) {
            String next = known.ceilingKey(prefix);
            return next != null && next.startsWith(prefix) ? next : null;
        }
        String[] first = new String[1];
        scan(prefix, (name, state) -> {
            first[0] = name;
            return false;
        });
        return first[0];
    }

    /** The name of the bookmark of that number, or null. */
    public @Nullable String name(int number) {
        String name = names.get(number);
        if (name == null && !all) {
            loadAll();
            name = names.get(number);
        }
        return name;
    }

    /**
     * Refuses a name that would make a directory both a bookmark and a folder of bookmarks, or that a person could not
     * tell from one there is.
     *
     * @throws StoreException INVALID or ALREADY_EXISTS
     */
    public void requireFree(String name) {
        if (get(name) != null) {
            throw new StoreException(Kind.ALREADY_EXISTS, "There is a bookmark of this name already: " + name);
        }
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            String above = name.substring(0, slash);
            if (get(above) != null) {
                throw inside(name, above);
            }
        }
        String below = first(name + "/");
        if (below != null) {
            throw inside(name, below);
        }
        byte[] other = tables.get(Table.META, foldedKey(name));
        if (other != null) {
            throw new StoreException(
                    Kind.INVALID,
                    "The name differs from an existing bookmark by letter case only: " + new String(other, UTF_8));
        }
    }

    private static StoreException inside(String name, String other) {
        return new StoreException(Kind.INVALID, "A bookmark cannot lie inside another one: " + name + " and " + other);
    }

    /** The rows of a step of an operation. */
    static List<Row> rows(LoggedOperation.Step step) {
        String name = step.bookmark();
        BookmarkState after = step.after();
        Row row = new Row(Table.BOOKMARKS, key(name), after == null ? null : value(name, after));
        boolean was = step.before() != null;
        return was == (after != null) ? List.of(row) : List.of(row, folded(name, after != null));
    }

    /** Makes the memory agree with rows just published. */
    synchronized void apply(LoggedOperation operation) {
        for (LoggedOperation.Step step : operation.steps()) {
            BookmarkState after = step.after();
            if (after != null) {
                keep(step.bookmark(), after);
                continue;
            }
            known.remove(step.bookmark());
            BookmarkState before = step.before();
            if (before != null) {
                names.remove(before.number(), step.bookmark());
            }
        }
    }

    /** Reads those in memory again. */
    synchronized void reload() {
        for (String name : known.keySet()) {
            byte[] value = tables.get(Table.BOOKMARKS, key(name));
            if (value != null) {
                keep(name, RowCodec.decodeBookmark(value));
            }
        }
    }

    /** What is wrong with the rows, a sentence each. */
    void check(Consumer<String> problems) {
        for (String name : notFolded()) {
            problems.accept("The bookmark " + name + " is not found by its name in lower case");
        }
    }

    /** Makes rows again that are missing; answers what was done, a sentence each. */
    List<String> repair() {
        List<String> done = new ArrayList<>();
        for (String name : notFolded()) {
            tables.publish(List.of(folded(name, true))).join();
            done.add("The bookmark " + name + " is found by its name in lower case again");
        }
        return done;
    }

    private List<String> notFolded() {
        List<String> rows = new ArrayList<>();
        scan("", (name, state) -> rows.add(name));
        rows.removeIf(name -> {
            byte[] other = tables.get(Table.META, foldedKey(name));
            return get(name) == null || (other != null && Arrays.equals(other, name.getBytes(UTF_8)));
        });
        return rows;
    }

    /** Receives bookmarks in the order of names. */
    private interface Visitor {
        /** Whether to go on. */
        boolean bookmark(String name, BookmarkState state);
    }

    private void scan(String prefix, Visitor visitor) {
        byte[] wanted = prefix.getBytes(UTF_8);
        byte[] from = Arrays.copyOf(wanted, Math.min(wanted.length, KEY_NAME_BYTES));
        tables.scanPrefix(Table.BOOKMARKS, from, (key, value) -> {
            String name = name(key, value);
            return !name.startsWith(prefix) || visitor.bookmark(name, RowCodec.decodeBookmark(value));
        });
    }

    private static byte[] key(String name) {
        byte[] bytes = name.getBytes(UTF_8);
        if (bytes.length <= KEY_BYTES_MAX) {
            return bytes;
        }
        byte[] hash = Hashing.sha256().hashBytes(bytes).asBytes();
        return Bytes.concat(Arrays.copyOf(bytes, KEY_NAME_BYTES), new byte[1], hash);
    }

    private static byte[] value(String name, BookmarkState state) {
        byte[] value = RowCodec.encodeBookmark(state);
        byte[] bytes = name.getBytes(UTF_8);
        return bytes.length <= KEY_BYTES_MAX ? value : Bytes.concat(value, bytes);
    }

    private static String name(byte[] key, byte[] value) {
        if (key.length <= KEY_NAME_BYTES || key[KEY_NAME_BYTES] != 0) {
            return new String(key, UTF_8);
        }
        int length = RowCodec.encodeBookmark(RowCodec.decodeBookmark(value)).length;
        return new String(value, length, value.length - length, UTF_8);
    }

    private static byte[] foldedKey(String name) {
        byte[] folded = name.toLowerCase(Locale.ROOT).getBytes(UTF_8);
        byte[] hash = Hashing.sha256().hashBytes(folded).asBytes();
        return Bytes.concat(FOLDED, Arrays.copyOf(hash, FOLDED_HASH_BYTES));
    }

    private static Row folded(String name, boolean there) {
        return new Row(Table.META, foldedKey(name), there ? name.getBytes(UTF_8) : null);
    }
}

package dev.dogear.store.packing;

import dev.dogear.store.StoreException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dictionaries of one repository that somebody needed lately, by number. */
public final class Dictionaries {
    private final Map<Integer, Dictionary> loaded = new ConcurrentHashMap<>();
    private int newestNumber;

    /**
     * The dictionary of that number.
     *
     * @param row looks its row up; null if there is none
     * @throws StoreException CORRUPT if it is missing or damaged
     */
    public Dictionary get(int number, Supplier<byte @Nullable []> row) {
        Dictionary known = loaded.get(number);
        if (known != null) {
            return known;
        }
        byte[] value = row.get();
        if (value == null) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "Dictionary " + number + " is missing, so the objects packed by it cannot be read. Restore the"
                            + " repository's folder from a backup");
        }
        Dictionary dictionary = Dictionary.decode(number, value);
        loaded.put(number, dictionary);
        return dictionary;
    }

    /** A number that no dictionary has or, in the life of this, had. */
    public synchronized int next(int newestStored) {
        newestNumber = Math.max(newestNumber, newestStored) + 1;
        return newestNumber;
    }

    /** Lets go of all; who has one goes on with it. */
    public void forget() {
        loaded.clear();
    }
}

package dev.dogear.store.history.log;

import com.google.common.hash.HashCode;
import com.google.common.primitives.Ints;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.lmdb.ServerTables;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives out bookmark numbers, each once in the life of a store. A repository takes them in blocks, so that making a
 * bookmark writes nothing here, and a number leads to its repository without opening any. What is left of a block at a
 * restart is never used.
 */
public final class BookmarkNumbers {
    /** Numbers a block holds. Number 0 stands for the levels above bookmarks, so the first block begins above it. */
    private static final int BLOCK = 64;

    private final ServerTables server;
    private final NavigableMap<Integer, String> repositoryOfBlock = new TreeMap<>();
    private final Map<String, Integer> next = new HashMap<>();

    public BookmarkNumbers(ServerTables server) {
        this.server = server;
        server.scan(ServerTables.Name.BLOCKS, new byte[0], false, (start, id) -> {
            repositoryOfBlock.put(
                    Ints.fromByteArray(start), HashCode.fromBytes(id).toString());
            return true;
        });
    }

    /** @param repository its id */
    public synchronized int next(byte[] repository) {
        String id = HashCode.fromBytes(repository).toString();
        int number = next.getOrDefault(id, 0);
        if (number % BLOCK == 0) {
            number = repositoryOfBlock.isEmpty() ? BLOCK : repositoryOfBlock.lastKey() + BLOCK;
            if (number < 0) {
                throw new StoreException(Kind.LIMIT, "This store has given out all its bookmark numbers");
            }
            server.put(ServerTables.Name.BLOCKS, Ints.toByteArray(number), repository);
            repositoryOfBlock.put(number, id);
        }
        next.put(id, number + 1);
        return number;
    }

    /** The id of the repository that got the number, or null. */
    public synchronized @Nullable String repository(int number) {
        Map.Entry<Integer, String> block = repositoryOfBlock.floorEntry(number);
        return block == null || number - block.getKey() >= BLOCK ? null : block.getValue();
    }
}

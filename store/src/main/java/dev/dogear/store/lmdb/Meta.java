package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** This package's own rows in {@link Table#META}. */
final class Meta {
    /**
     * 2: the objects may lie in {@code objects.<generation>}. 3: bookmarks are found by their names in lower case.
     * 4: small objects may be packed by a dictionary.
     */
    static final int FORMAT = 4;

    private static final byte[] PREFIX = "dogear.".getBytes(UTF_8);
    private static final byte[] FORMAT_KEY = "dogear.format".getBytes(UTF_8);
    private static final byte[] APPLIED_KEY = "dogear.applied".getBytes(UTF_8);
    private static final byte[] GENERATION_KEY = "dogear.generation".getBytes(UTF_8);
    private static final byte[] SWEEP_KEY = "dogear.sweep".getBytes(UTF_8);
    private static final byte[] ERASE_KEY = "dogear.erase".getBytes(UTF_8);
    private static final int TABLE = ObjectEnvironments.number(Table.META);

    private Meta() {}

    static boolean isOwn(byte[] key) {
        return Row.startsWith(key, PREFIX);
    }

    static void putFormat(WriteView view) {
        view.put(
                TABLE,
                FORMAT_KEY,
                ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT).array());
    }

    static void putApplied(WriteView view, long lsn) {
        view.put(
                TABLE, APPLIED_KEY, ByteBuffer.allocate(Long.BYTES).putLong(lsn).array());
    }

    /** Which objects environment counts. With it begins a sweep: ids may name objects that environment has not. */
    static void putGeneration(WriteView view, int generation) {
        view.put(
                TABLE,
                GENERATION_KEY,
                ByteBuffer.allocate(Integer.BYTES).putInt(generation).array());
        view.put(TABLE, SWEEP_KEY, new byte[] {1});
    }

    /** The same in an index written anew that goes to {@code eraseBelow}: below that the journal is to be erased. */
    static void putRewritten(WriteView view, int generation, long eraseBelow) {
        putFormat(view);
        putApplied(view, eraseBelow);
        putGeneration(view, generation);
        view.put(
                TABLE,
                ERASE_KEY,
                ByteBuffer.allocate(Long.BYTES).putLong(eraseBelow).array());
    }

    /** The LSN below which the journal is to be erased still; 0 for nothing. */
    static long eraseBelow(ReadView view) {
        ByteBuffer row = view.get(TABLE, ERASE_KEY);
        return row == null ? 0 : row.getLong(0);
    }

    static void erased(WriteView view) {
        view.delete(TABLE, ERASE_KEY);
    }

    static int generation(ReadView view) {
        ByteBuffer row = view.get(TABLE, GENERATION_KEY);
        return row == null ? 0 : row.getInt(0);
    }

    static boolean isSweeping(ReadView view) {
        return view.get(TABLE, SWEEP_KEY) != null;
    }

    static void endSweep(WriteView view) {
        view.delete(TABLE, SWEEP_KEY);
    }

    /**
     * @return the format the rows have
     * @throws StoreException NEWER_FORMAT; CORRUPT if it is missing
     */
    static int requireKnownFormat(ReadView view) {
        ByteBuffer row = view.get(TABLE, FORMAT_KEY);
        if (row == null || row.remaining() != Integer.BYTES) {
            throw Errors.corrupt("The repository's tables do not say what format they have");
        }
        int format = row.getInt(0);
        if (format > FORMAT) {
            throw new StoreException(
                    StoreException.Kind.NEWER_FORMAT,
                    "The repository has format " + format + ", this Dogear knows up to " + FORMAT
                            + "; use a newer one");
        }
        return format;
    }

    static long applied(ReadView view) {
        @Nullable ByteBuffer row = view.get(TABLE, APPLIED_KEY);
        if (row == null || row.remaining() != Long.BYTES) {
            throw Errors.corrupt("The repository's tables do not say how far they go");
        }
        return row.getLong(0);
    }
}

package dev.dogear.store.packing;

import com.github.luben.zstd.ZstdDictDecompress;
import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What packs and unpacks small objects of one repository. It never changes: a better one has another number, and every
 * packed object says which it needs.
 */
public final class Dictionary {
    /** The largest there is. */
    public static final int BYTES_MAX = 64 << 10;

    /** Objects say it in two bytes. */
    public static final int NUMBER_MAX = 0xffff;

    private static final int HEADER_BYTES = Integer.BYTES + Long.BYTES;

    private final int number;
    private final long objects;
    private final byte[] bytes;
    private @Nullable ZstdDictDecompress unpacking;

    /**
     * A trained one.
     *
     * @param number from 1 up
     * @param objects how many the repository had when it was trained
     * @param bytes as zstd makes them
     */
    Dictionary(int number, long objects, byte[] bytes) {
        this.number = number;
        this.objects = objects;
        this.bytes = bytes;
    }

    /** From 1 up; 0 stands for none. */
    public int number() {
        return number;
    }

    /** How many objects the repository had when it was trained. */
    public long objects() {
        return objects;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Its row: CRC32C of the rest u32, the number of objects u64, then the dictionary as zstd makes it; big-endian. */
    public byte[] encode() {
        ByteBuffer row = ByteBuffer.allocate(HEADER_BYTES + bytes.length);
        row.putInt(0).putLong(objects).put(bytes).putInt(0, crc(row.array()));
        return row.array();
    }

    /** @throws StoreException CORRUPT if the row has another sum than when it was written */
    public static Dictionary decode(int number, byte[] row) {
        ByteBuffer in = ByteBuffer.wrap(row);
        if (row.length <= HEADER_BYTES || in.getInt() != crc(row)) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "Dictionary " + number + " is damaged, so the objects packed by it cannot be read. Restore the"
                            + " repository's folder from a backup");
        }
        long objects = in.getLong();
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return new Dictionary(number, objects, bytes);
    }

    /**
     * What a repair makes of a row: the same if it is sound; with a right sum if it is damaged and zstd takes it, so that it
     * unpacks what does not need the damaged part; null if it is good for nothing.
     */
    public static byte @Nullable [] accepted(int number, byte[] row) {
        if (row.length <= HEADER_BYTES) {
            return null;
        }
        byte[] sealed = row.clone();
        ByteBuffer.wrap(sealed).putInt(0, crc(sealed));
        Dictionary dictionary = decode(number, sealed);
        try (Packer packer = new Packer(dictionary)) {
            byte[] unused = packer.pack(sealed);
            ZstdDictDecompress digested = dictionary.unpacking();
            return digested == null ? null : sealed;
        } catch (RuntimeException e) {
            return null; // zstd says in its own ways that it is none
        }
    }

    private static int crc(byte[] row) {
        CRC32C crc = new CRC32C();
        crc.update(row, Integer.BYTES, row.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** Digested once, for all who unpack by it; freed with the last of them. */
    synchronized ZstdDictDecompress unpacking() {
        ZstdDictDecompress digested = unpacking;
        if (digested == null) {
            digested = new ZstdDictDecompress(bytes);
            unpacking = digested;
        }
        return digested;
    }
}

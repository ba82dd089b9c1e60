package dev.dogear.store.packing;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import org.jspecify.annotations.Nullable;

/** Compresses contents one after the other, by a dictionary or without. */
public final class Packer implements AutoCloseable {
    private static final int LEVEL = 3;

    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final @Nullable ZstdDictCompress digested;
    private final int number;

    /** @param dictionary null: frames that need none */
    public Packer(@Nullable Dictionary dictionary) {
        zstd.setLevel(LEVEL);
        number = dictionary == null ? 0 : dictionary.number();
        digested = dictionary == null ? null : new ZstdDictCompress(dictionary.bytes(), LEVEL);
        if (digested != null) {
            // What the frame would say of itself the object's header says: a tenth of a small object.
            zstd.setMagicless(true);
            zstd.setContentSize(false);
            zstd.setDictID(false);
            zstd.loadDict(digested);
        }
    }

    /** Number of the dictionary, 0 for none. */
    public int number() {
        return number;
    }

    /** Without a dictionary a whole zstd frame; by one a frame without magic number, length and dictionary's number. */
    public byte[] pack(byte[] plain) {
        return zstd.compress(plain);
    }

    @Override
    public void close() {
        zstd.close();
        if (digested != null) {
            digested.close();
        }
    }
}

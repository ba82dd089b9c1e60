package dev.dogear.store.packing;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Undoes what a {@link Packer} did. */
public final class Unpacker implements AutoCloseable {
    private @Nullable ZstdDecompressCtx whole;
    private @Nullable ZstdDecompressCtx bare;
    private @Nullable Dictionary loaded;

    /**
     * Unpacks into direct buffers, from the position of {@code frame} to its limit.
     *
     * @param dictionary the one it was packed by, null for none
     * @return how many bytes, at most {@code length}
     * @throws ZstdException if the frame is damaged
     */
    public int unpack(ByteBuffer frame, @Nullable Dictionary dictionary, ByteBuffer target, int length) {
        return context(dictionary)
                .decompressDirectByteBuffer(target, 0, length, frame, frame.position(), frame.remaining());
    }

    @SuppressWarnings("ReferenceEquality") // another object of that number may be of another generation
    private ZstdDecompressCtx context(@Nullable Dictionary dictionary) {
        if (dictionary == null) {
            ZstdDecompressCtx context = whole == null ? new ZstdDecompressCtx() : whole;
            whole = context;
            return context;
        }
        ZstdDecompressCtx context = bare;
        if (context == null) {
            context = new ZstdDecompressCtx();
            context.setMagicless(true);
            bare = context;
        }
        if (loaded != dictionary) {
            context.loadDict(dictionary.unpacking());
            loaded = dictionary;
        }
        return context;
    }

    @Override
    public void close() {
        if (whole != null) {
            whole.close();
        }
        if (bare != null) {
            bare.close();
        }
    }
}

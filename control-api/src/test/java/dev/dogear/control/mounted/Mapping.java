package dev.dogear.control.mounted;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import org.jspecify.annotations.Nullable;

/** A file's pages in our memory, given back when closed and not when the collector finds time: a mapping keeps a mount busy. */
final class Mapping implements AutoCloseable {
    private @Nullable MappedByteBuffer pages;

    Mapping(FileChannel file, MapMode mode) throws IOException {
        pages = file.map(mode, 0, file.size());
    }

    MappedByteBuffer pages() {
        MappedByteBuffer there = pages;
        if (there == null) {
            throw new IllegalStateException("closed");
        }
        return there;
    }

    /** The first bytes, at most as many as were mapped. */
    byte[] read(long count) {
        byte[] bytes = new byte[(int) Math.min(count, pages().capacity())];
        pages().get(0, bytes);
        return bytes;
    }

    @Override
    public void close() {
        MappedByteBuffer last = pages();
        pages = null;
        try {
            // The JDK's own way out, reached by name because the compiler warns of it and cannot be told not to.
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field instance = type.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            type.getMethod("invokeCleaner", ByteBuffer.class).invoke(instance.get(null), last);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

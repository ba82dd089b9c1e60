package dev.dogear.store.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link ObjectTable} keeps to. A test of an implementation extends it and says where its table comes from. */
public abstract class ObjectTableContract {

    /** A table to test, the same within one test method. */
    protected abstract ObjectTable table() throws Exception;

    @Test
    final void whatIsWrittenIsReadAtOnce() throws Exception {
        for (int size : new int[] {0, 1, 2000, 4096, 70_000, 1 << 20}) {
            byte[] bytes = random(size);
            ObjectId id = table().write(ObjectKind.CHUNK, ByteBuffer.wrap(bytes));
            assertEquals(ObjectId.of(ObjectKind.CHUNK, ByteBuffer.wrap(bytes)), id);
            assertTrue(table().contains(id));
            assertArrayEquals(bytes, read(id, ObjectKind.CHUNK), "size " + size);
        }
    }

    @Test
    final void writingMovesNoBufferAndKeepsNone() throws Exception {
        byte[] backing = random(100);
        ByteBuffer part = ByteBuffer.wrap(backing, 10, 50);
        ObjectId id = table().write(ObjectKind.CHUNK, part);
        assertEquals(10, part.position());
        assertEquals(60, part.limit());
        byte[] written = Arrays.copyOfRange(backing, 10, 60);
        backing[20]++;
        assertArrayEquals(written, read(id, ObjectKind.CHUNK));
    }

    @Test
    final void aDirectBufferIsAsGood() throws Exception {
        byte[] bytes = random(5000);
        ByteBuffer direct = ByteBuffer.allocateDirect(6000).position(7);
        direct.put(bytes).flip().position(7);
        assertArrayEquals(bytes, read(table().write(ObjectKind.CHUNK, direct), ObjectKind.CHUNK));
    }

    @Test
    final void writingTwiceIsWritingOnce() throws Exception {
        ByteBuffer content = text("same");
        assertEquals(table().write(ObjectKind.CHUNK, content), table().write(ObjectKind.CHUNK, content));
    }

    @Test
    final void theKindIsPartOfTheName() throws Exception {
        ObjectId chunk = table().write(ObjectKind.CHUNK, text("x"));
        ObjectId change = table().write(ObjectKind.CHANGE, text("x"));
        assertFalse(chunk.equals(change));
        assertArrayEquals(new byte[] {'x'}, read(change, ObjectKind.CHANGE));
        StoreException wrongKind = assertThrows(StoreException.class, () -> read(chunk, ObjectKind.TREE));
        assertEquals(StoreException.Kind.CORRUPT, wrongKind.kind());
    }

    @Test
    final void whatIsMissingIsCorruptToReadAndNotContained() throws Exception {
        ObjectId missing = ObjectId.of(ObjectKind.CHUNK, text("never written"));
        assertFalse(table().contains(missing));
        StoreException e = assertThrows(StoreException.class, () -> read(missing, ObjectKind.CHUNK));
        assertEquals(StoreException.Kind.CORRUPT, e.kind());
        assertTrue(e.getMessage() != null && e.getMessage().contains(missing.toHex()), e.getMessage());
    }

    @Test
    final void aViewIsReadOnlyBigEndianAndStartsAtZero() throws Exception {
        ObjectId id = table().write(ObjectKind.CHUNK, text("abc"));
        boolean fits = table().read(
                        id,
                        ObjectKind.CHUNK,
                        view -> view.isReadOnly()
                                && view.order() == ByteOrder.BIG_ENDIAN
                                && view.position() == 0
                                && view.remaining() == 3);
        assertTrue(fits);
    }

    @Test
    final void aViewMayReadAnotherObject() throws Exception {
        ObjectTable table = table();
        ObjectId inner = table.write(ObjectKind.CHUNK, text("inner"));
        ObjectId outer = table.write(ObjectKind.CHUNK, text("outer"));
        byte last = table.read(outer, ObjectKind.CHUNK, view -> {
            byte[] nested = read(table, inner, ObjectKind.CHUNK);
            return (byte) (view.get(0) + nested[0]);
        });
        assertEquals((byte) ('o' + 'i'), last);
    }

    @Test
    final void manyThreadsWriteAndReadAtOnce() throws Exception {
        ObjectTable table = table();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread * 50;
                running.add(threads.submit(() -> {
                    for (int i = first; i < first + 100; i++) {
                        ObjectId id = table.write(ObjectKind.CHUNK, text("object " + i));
                        assertArrayEquals(
                                ("object " + i).getBytes(StandardCharsets.UTF_8), read(table, id, ObjectKind.CHUNK));
                    }
                }));
            }
            for (Future<?> thread : running) {
                thread.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private byte[] read(ObjectId id, ObjectKind kind) throws Exception {
        return read(table(), id, kind);
    }

    private static byte[] read(ObjectTable table, ObjectId id, ObjectKind kind) {
        return table.read(id, kind, view -> {
            byte[] bytes = new byte[view.remaining()];
            view.get(bytes);
            return bytes;
        });
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}

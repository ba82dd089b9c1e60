package dev.dogear.store.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class JournalTest {
    private static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);

    @TempDir
    Path folder;

    private final Flusher flusher = new Flusher();

    @AfterEach
    void end() {
        flusher.close();
    }

    @Test
    void recordsComeBackInOrder() {
        List<Long> lsns = new ArrayList<>();
        try (Journal journal = open()) {
            for (int i = 0; i < 1_000; i++) {
                lsns.add(journal.append(16 + i % 10, text("record " + i), text("!")));
            }
            assertEquals(contents(journal, 0), contents(journal, lsns.get(0)));
        }
        try (Journal journal = open()) {
            List<String> all = contents(journal, 0);
            assertEquals(1_000, all.size());
            assertEquals("16 record 0!", all.get(0));
            assertEquals("25 record 999!", all.get(999));
            assertEquals(all.subList(500, 1_000), contents(journal, lsns.get(500)));
            assertTrue(journal.append(20, text("next")) > lsns.get(999));
        }
    }

    @Test
    void aPayloadIsReadBackAtItsPosition() {
        Random random = new Random(7);
        try (Journal journal = open()) {
            for (int length : new int[] {0, 1, 7, 4096, 65_503, 65_504, 65_505, 1 << 20, 9 << 20}) {
                byte[] content = new byte[length];
                random.nextBytes(content);
                ByteBuffer direct =
                        ByteBuffer.allocateDirect(length).put(content).flip();
                long lsn = journal.append(16, direct);
                assertFalse(direct.hasRemaining());
                ByteBuffer back = ByteBuffer.allocate(length);
                journal.read(Journal.payload(lsn), back);
                assertArrayEquals(content, back.array());
            }
        }
    }

    @Test
    void segmentsDoubleAndGoWhenRecycled() throws IOException {
        try (Journal journal = open()) {
            fill(journal, 40);
            long middle = journal.append(16, text("middle"));
            fill(journal, 40);
            long tail = journal.tail();
            journal.recycle(middle);
            assertTrue(journal.head() <= middle);
            assertTrue(journal.head() > 0);
            assertEquals("16 middle", contents(journal, middle).get(0));
            StoreException gone = assertThrows(StoreException.class, () -> journal.read(100, ByteBuffer.allocate(8)));
            assertEquals(Kind.STALE, gone.kind());
            journal.recycle(tail);
            assertEquals(tail, journal.head());
        }
        assertTrue(bytesOnDisk() < 1 << 16, "an empty journal keeps its position only");
    }

    @Test
    void positionsOnlyGrow() {
        long tail = 0;
        for (int round = 0; round < 5; round++) {
            try (Journal journal = open()) {
                assertTrue(journal.tail() >= tail);
                fill(journal, round);
                journal.append(16, text("round " + round));
                tail = journal.tail();
                if (round % 2 == 1) {
                    journal.recycle(tail);
                }
            }
        }
        try (Journal journal = open()) {
            assertTrue(journal.tail() >= tail);
            assertEquals(List.of("16 round 4"), contents(journal, tail - 40));
        }
    }

    @Test
    void anUnusedJournalHasNoFile() {
        open().close();
        try (Journal journal = open()) {
            journal.flush();
            assertEquals(0, journal.tail());
        }
        assertFalse(Files.exists(journalFolder()));
    }

    @Test
    void manyWaitersShareFlushes() throws Exception {
        int threads = 64;
        CountDownLatch ready = new CountDownLatch(threads);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (Journal journal = open()) {
            List<Thread> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Thread thread = new Thread(() -> {
                    ready.countDown();
                    for (int i = 0; i < 50; i++) {
                        journal.append(16, text("x"));
                        journal.flush();
                    }
                });
                thread.setUncaughtExceptionHandler((who, e) -> failure.set(e));
                thread.start();
                all.add(thread);
            }
            for (Thread thread : all) {
                thread.join();
            }
            assertEquals(threads * 50, contents(journal, 0).size());
        }
        assertEquals(null, failure.get());
    }

    @Test
    void nobodyHasToAskForAFlush() throws Exception {
        try (Journal journal = open()) {
            journal.append(16, text("forgotten"));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (!journal.isDurable() && System.nanoTime() < end) {
                Thread.sleep(20);
            }
            assertTrue(journal.isDurable());
        }
    }

    @Test
    void anInterruptBreaksNothing() {
        try (Journal journal = open()) {
            Thread.currentThread().interrupt();
            long lsn = journal.append(16, text("interrupted"));
            journal.append(16, ByteBuffer.allocateDirect(200_000));
            ByteBuffer back = ByteBuffer.allocate(11);
            journal.read(Journal.payload(lsn), back);
            assertTrue(Thread.interrupted());
            assertEquals("interrupted", new String(back.array(), UTF_8));
            assertEquals(2, contents(journal, 0).size());
            journal.flush();
        }
    }

    @Test
    void aFailedWriteMakesItReadOnly() throws IOException {
        try (Journal journal = open()) {
            journal.append(16, text("good"));
            journal.flush();
            Segment last = journal.last();
            assertNotNull(last);
            last.file.close();
            StoreException first = assertThrows(StoreException.class, () -> journal.append(16, text("bad")));
            assertEquals(Kind.IO, first.kind());
            StoreException second = assertThrows(StoreException.class, () -> journal.append(16, text("bad")));
            assertEquals(Kind.READ_ONLY, second.kind());
            assertNotNull(journal.failure());
            assertTrue(journal.flushed().isCompletedExceptionally());
        }
        try (Journal journal = open()) {
            assertEquals(List.of("16 good"), contents(journal, 0));
            journal.append(16, text("again"));
        }
    }

    @Test
    void aFailedFlushMakesItReadOnly() throws IOException {
        try (Journal journal = open()) {
            journal.append(16, text("good"));
            Segment last = journal.last();
            assertNotNull(last);
            last.file.close();
            CompletableFuture<Void> flushed = journal.flushed();
            assertThrows(RuntimeException.class, flushed::join);
            StoreException later = assertThrows(StoreException.class, () -> journal.append(16, text("bad")));
            assertEquals(Kind.READ_ONLY, later.kind());
        }
    }

    /** Readers beside a writer that recycles behind itself, reusing files: right bytes or a clear refusal. */
    @Test
    void aReaderNeverSeesRecycledBytes() throws Exception {
        int rounds = Integer.getInteger("dogear.rounds", 1) * 600;
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (Journal journal = open()) {
            AtomicLong newest = new AtomicLong(block(journal, 0));
            Thread reader = new Thread(() -> {
                ByteBuffer back = ByteBuffer.allocateDirect(1 << 20);
                while (newest.get() >= 0) {
                    long lsn = newest.get();
                    if (lsn >= 0) {
                        readBlock(journal, lsn, back);
                    }
                }
            });
            reader.setUncaughtExceptionHandler((who, e) -> failure.set(e));
            reader.start();
            for (int i = 1; i < rounds; i++) {
                long lsn = block(journal, i);
                if (i % 64 == 0) {
                    journal.recycle(lsn);
                }
                if (i % 20 == 0) {
                    newest.set(lsn);
                }
            }
            newest.set(-1);
            reader.join();
        }
        assertEquals(null, failure.get());
    }

    private static long block(Journal journal, int i) {
        ByteBuffer block = ByteBuffer.allocateDirect(1 << 20);
        long lsn = journal.tail();
        while (block.hasRemaining()) {
            block.putLong(lsn);
        }
        long at = journal.append(16, block.flip());
        assertEquals(lsn, at, "block " + i);
        return at;
    }

    private static void readBlock(Journal journal, long lsn, ByteBuffer back) {
        try {
            journal.read(Journal.payload(lsn), back.clear());
        } catch (StoreException e) {
            assertEquals(Kind.STALE, e.kind());
            return;
        }
        back.flip();
        while (back.hasRemaining()) {
            assertEquals(lsn, back.getLong());
        }
    }

    /** Appends that many records of 256 KiB. */
    private static void fill(Journal journal, int count) {
        for (int i = 0; i < count; i++) {
            journal.append(17, ByteBuffer.allocateDirect(256 << 10));
        }
    }

    private static List<String> contents(Journal journal, long from) {
        List<String> found = new ArrayList<>();
        journal.replay(from, (lsn, kind, payload) -> found.add(kind + " " + UTF_8.decode(payload)));
        return found;
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private long bytesOnDisk() throws IOException {
        try (Stream<Path> files = Files.list(journalFolder())) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private Path journalFolder() {
        return folder.resolve("journal");
    }

    private Journal open() {
        return Journal.open(journalFolder(), REPOSITORY, flusher);
    }
}

package dev.dogear.store.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a power cut can leave of a journal's tail, at every byte of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TornTailTest {
    private static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);
    private static final int RECORDS = 4;

    @TempDir
    Path folder;

    private final Flusher flusher = new Flusher();

    @AfterAll
    void end() {
        flusher.close();
    }

    enum Damage {
        TRUNCATED {
            @Override
            byte[] apply(byte[] file, int at, Random random) {
                return Arrays.copyOf(file, at);
            }
        },
        ZEROED {
            @Override
            byte[] apply(byte[] file, int at, Random random) {
                byte[] bytes = file.clone();
                Arrays.fill(bytes, at, bytes.length, (byte) 0);
                return bytes;
            }
        },
        GARBLED {
            @Override
            byte[] apply(byte[] file, int at, Random random) {
                byte[] bytes = file.clone();
                for (int i = at; i < Math.min(bytes.length, at + 2_000); i++) {
                    bytes[i] = (byte) (bytes[i] ^ (1 + random.nextInt(255)));
                }
                return bytes;
            }
        },
        /** One byte is lost, what follows is there: the pages of a tail need not reach the disk in order. */
        ONE_BYTE {
            @Override
            byte[] apply(byte[] file, int at, Random random) {
                byte[] bytes = file.clone();
                bytes[at] ^= (byte) (1 + random.nextInt(255));
                return bytes;
            }
        };

        abstract byte[] apply(byte[] file, int at, Random random);
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void aTailCutAtAnyByteLeavesAPrefix(Damage damage) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path source = folder.resolve("source-" + damage);
        List<Long> ends = new ArrayList<>();
        int length = write(source, ends);
        Path file = onlyFile(source);
        // The file is filled ahead to 1 MiB; what matters is where records are.
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(file), length + 4096);
        for (int at = Segment.HEADER_BYTES; at < length; at++) {
            Path cut = folder.resolve("cut-" + damage).resolve(file.getFileName());
            Files.createDirectories(cut.resolveSibling(""));
            Files.write(cut, damage.apply(bytes, at, random));
            int lsn = at - Segment.HEADER_BYTES;
            long whole = ends.stream().filter(end -> end <= lsn).count();
            try (Journal journal = Journal.open(cut.resolveSibling(""), REPOSITORY, flusher)) {
                List<String> found = contents(journal);
                // More only where a byte became what it was, or is padding.
                String what = damage + " at " + at + " with seed " + seed + ": " + found;
                assertTrue(found.size() >= whole, what);
                assertTrue(found.size() == whole || damage == Damage.ZEROED || padding(lsn, ends), what);
                assertEquals(expected(found.size()), found, damage + " at " + at + " with seed " + seed);
                if (at % 8 == 0) {
                    journal.append(16, text("after"));
                    assertEquals(found.size() + 1, contents(journal).size());
                }
            }
            for (Path left : files(cut.resolveSibling(""))) {
                Files.delete(left);
            }
        }
    }

    /** What followed the cut must not come back when the log has grown up to it again. */
    @Test
    void aRecordBehindTheCutStaysAway() throws IOException {
        Path source = folder.resolve("behind");
        List<Long> ends = new ArrayList<>();
        write(source, ends);
        Path file = onlyFile(source);
        byte[] bytes = Files.readAllBytes(file);
        // Spoils the second of the records, all of one size.
        bytes[(int) (Segment.HEADER_BYTES + ends.get(0) + Frame.BYTES)] ^= 1;
        Files.write(file, bytes);
        try (Journal journal = Journal.open(source, REPOSITORY, flusher)) {
            journal.append(16, text("replaced"));
        }
        try (Journal journal = Journal.open(source, REPOSITORY, flusher)) {
            assertEquals(List.of(name(0), "replaced"), contents(journal));
        }
    }

    @Test
    void damageToWhatWasFlushedIsRefused() throws IOException {
        Path source = folder.resolve("damaged");
        try (Journal journal = Journal.open(source, REPOSITORY, flusher)) {
            for (int i = 0; i < RECORDS; i++) {
                journal.append(16, text(name(i)));
            }
            journal.flush();
        }
        Path file = onlyFile(source);
        byte[] bytes = Files.readAllBytes(file);
        bytes[Segment.HEADER_BYTES + 100] ^= 1;
        Files.write(file, bytes);
        StoreException refused = assertThrows(StoreException.class, () -> Journal.open(source, REPOSITORY, flusher));
        assertEquals(Kind.CORRUPT, refused.kind());
        assertEquals(bytes.length, Files.size(file));
    }

    @Test
    void damageInAnEarlierSegmentIsRefused() throws IOException {
        Path source = folder.resolve("earlier");
        try (Journal journal = Journal.open(source, REPOSITORY, flusher)) {
            for (int i = 0; i < 30; i++) {
                journal.append(16, ByteBuffer.allocateDirect(100_000));
                journal.flush();
            }
        }
        Path first = files(source).get(0);
        byte[] bytes = Files.readAllBytes(first);
        bytes[200_000] ^= 1;
        Files.write(first, bytes);
        assertEquals(
                Kind.CORRUPT,
                assertThrows(StoreException.class, () -> Journal.open(source, REPOSITORY, flusher))
                        .kind());
        Files.delete(files(source).get(1));
        assertEquals(
                Kind.CORRUPT,
                assertThrows(StoreException.class, () -> Journal.open(source, REPOSITORY, flusher))
                        .kind());
    }

    @Test
    void anotherRepositorysJournalIsRefused() throws IOException {
        Path source = folder.resolve("other");
        write(source, new ArrayList<>());
        byte[] other = "fedcba9876543210".getBytes(UTF_8);
        assertThrows(StoreException.class, () -> Journal.open(source, other, flusher));
    }

    /** Writes as a process does that is killed: nothing flushed, not closed. Returns the bytes used of the file. */
    private int write(Path source, List<Long> ends) throws IOException {
        Path live = folder.resolve("live-" + source.getFileName());
        try (Journal journal = Journal.open(live, REPOSITORY, flusher)) {
            for (int i = 0; i < RECORDS; i++) {
                journal.append(16, text(name(i)));
                ends.add(journal.tail());
            }
            Files.createDirectories(source);
            Path file = onlyFile(live);
            Files.copy(file, source.resolve(file.getFileName()));
            return (int) journal.tail() + Segment.HEADER_BYTES;
        }
    }

    private static boolean padding(int lsn, List<Long> ends) {
        return ends.stream().anyMatch(end -> lsn < end && lsn > end - Frame.ALIGNMENT);
    }

    private static String name(int i) {
        return "record " + (char) ('a' + i) + " of four";
    }

    private static List<String> expected(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(name(i));
        }
        return names;
    }

    private static List<String> contents(Journal journal) {
        List<String> found = new ArrayList<>();
        journal.replay(
                0, (lsn, kind, payload) -> found.add(UTF_8.decode(payload).toString()));
        return found;
    }

    private static Path onlyFile(Path directory) throws IOException {
        List<Path> files = files(directory);
        assertEquals(1, files.size());
        return files.get(0);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}

package dev.dogear.store.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Content stored in chunks: what goes in comes out, edits cost what they touch, holes stay holes. */
final class ContentTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 40);

    private final MemoryObjectTable table = new MemoryObjectTable();

    @Test
    void contentComesOutAsItWentIn() {
        for (int size : new int[] {0, 1, 65_536, 65_537, 300_000, 3_000_000}) {
            Content content = new Content(size, new Random(size));
            @Nullable ContentRef ref = content.store(table);
            assertEquals(size == 0, ref == null);
            if (size > 0 && size <= 65_536) {
                assertEquals(ObjectKind.CHUNK, Objects.requireNonNull(ref).kind());
            }
            content.check(table, ref);
        }
    }

    @Test
    void chunksAreAsLongAsTheirPlaceAsksFor() {
        assertAverage(0, 8 << 20, 16 << 10);
        assertAverage(16 << 20, 40 << 20, 64 << 10);
    }

    private void assertAverage(int from, int size, int expected) {
        Content content = new Content(size, new Random(7));
        int[] chunks = {0};
        new StoredContent(table, content.store(table), size).extents(from, size, extent -> {
            chunks[0]++;
            return true;
        });
        double average = (double) (size - from) / chunks[0];
        assertTrue(average > expected * 0.7 && average < expected * 1.5, "average chunk " + average);
    }

    @Test
    void whereChunksEndIsPartOfTheFormat() {
        Content content = new Content(1 << 20, new Random(1));
        List<Long> ends = new ArrayList<>();
        new StoredContent(table, content.store(table), 1 << 20).extents(0, 1 << 20, extent -> ends.add(extent.end()));
        assertEquals(
                "290380d4",
                Hashing.murmur3_32_fixed().hashString(ends.toString(), UTF_8).toString(),
                ends.toString());
    }

    @Test
    void insertedBytesLeaveMostChunksAsTheyWere() {
        Content content = new Content(4 << 20, new Random(3));
        content.store(table);
        int before = table.size();
        byte[] longer = new byte[content.bytes.length + 10];
        System.arraycopy(content.bytes, 0, longer, 0, 1000);
        System.arraycopy(content.bytes, 1000, longer, 1010, content.bytes.length - 1000);
        new Content(longer, new BitSet()).store(table);
        assertTrue(table.size() - before < 12, table.size() - before + " new objects");
    }

    @Test
    void contentThatWasStoredWhileItGrewIsCutAsIfStoredWhole() {
        byte[] whole = new Content(24 << 20, new Random(4)).bytes;
        @Nullable ContentRef ref = null;
        int size = 0;
        for (int grown : new int[] {40_000, 70_000, 1 << 20, 15 << 20, 17 << 20, whole.length}) {
            Content content = new Content(Arrays.copyOf(whole, grown), new BitSet());
            ref = ContentWriter.splice(table, ref, size, grown, List.of(), content);
            size = grown;
        }
        int before = table.size();
        assertEquals(new Content(whole, new BitSet()).store(table), ref);
        assertEquals(before, table.size());
    }

    @Test
    void aHoleTakesNoSpaceAndIsFound() {
        long size = 5L << 40;
        ContentWriter writer = new ContentWriter(table, size);
        @Nullable
        ContentRef ref =
                writer.hole(size - 10).data(ByteBuffer.wrap(new byte[10])).finish();
        StoredContent stored = new StoredContent(table, ref, size);
        assertEquals(10, stored.allocatedBytes());
        assertEquals(size - 10, stored.nextData(0));
        assertEquals(0, stored.nextHole(0));
        assertEquals(size, stored.nextHole(size - 5));
        @Nullable ContentRef only = new ContentWriter(table, 100).hole(100).finish();
        StoredContent empty = new StoredContent(table, only, 100);
        assertEquals(0, empty.allocatedBytes());
        assertEquals(100, empty.nextData(0));
        assertEquals(100, empty.readUpTo(0, ByteBuffer.allocate(200)));
    }

    @Test
    void aSmallEditOfLargeContentCostsLittle() {
        Content content = new Content(32 << 20, new Random(5));
        @Nullable ContentRef ref = content.store(table);
        int before = table.size();
        content.bytes[20 << 20]++;
        int[] read = {0};
        ContentRef edited = Objects.requireNonNull(ContentWriter.splice(
                table,
                ref,
                32 << 20,
                32 << 20,
                List.of(new Range(20 << 20, (20 << 20) + 1)),
                new Counting(content, read)));
        assertTrue(table.size() - before <= 6, table.size() - before + " new objects");
        assertTrue(read[0] < 2 << 20, read[0] + " bytes read");
        assertEquals(content.store(table), edited);
    }

    /** Counts what is read. */
    private record Counting(ContentSource source, int[] bytes) implements ContentSource {
        @Override
        public boolean isHole(long offset) {
            return source.isHole(offset);
        }

        @Override
        public long runEnd(long offset) {
            return source.runEnd(offset);
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            bytes[0] += target.remaining();
            source.read(offset, target);
        }
    }

    @Test
    void randomEditsGiveTheBytesOfTheWhole() {
        long seed = Long.getLong("dogear.seed", 20_261_122);
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(seed + round);
            Content content = new Content(random.nextInt(1 << random.nextInt(10, 22)), random);
            @Nullable ContentRef ref = content.store(table);
            try {
                for (int step = 0; step < 6; step++) {
                    ref = edit(content, ref, random);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + round), e);
            }
        }
    }

    private @Nullable ContentRef edit(Content content, @Nullable ContentRef ref, Random random) {
        int oldSize = content.bytes.length;
        List<Range> dirty = content.mutate(random);
        int before = table.size();
        @Nullable ContentRef edited = ContentWriter.splice(table, ref, oldSize, content.bytes.length, dirty, content);
        long dirtyBytes =
                dirty.stream().mapToLong(range -> range.end() - range.start()).sum()
                        + Math.max(0, content.bytes.length - oldSize);
        long most = 12 + dirty.size() * 12L + dirtyBytes / 4096;
        assertTrue(table.size() - before <= most, table.size() - before + " new objects of at most " + most);
        content.check(table, edited);
        return edited;
    }

    /** Bytes with some blocks of 1 KiB punched out. */
    private static final class Content implements ContentSource {
        private static final int BLOCK = 1024;

        private byte[] bytes;
        private final BitSet holes;

        Content(byte[] bytes, BitSet holes) {
            this.bytes = bytes;
            this.holes = holes;
        }

        Content(int size, Random random) {
            this(new byte[size], new BitSet());
            random.nextBytes(bytes);
        }

        @Nullable
        ContentRef store(ObjectTable table) {
            return ContentWriter.write(table, bytes.length, this);
        }

        List<Range> mutate(Random random) {
            List<Range> dirty = new ArrayList<>();
            int at = 0;
            for (int i = random.nextInt(4); i > 0 && at < bytes.length; i--) {
                int start = at + random.nextInt(bytes.length - at);
                int end = Math.min(bytes.length, start + 1 + random.nextInt(1 << random.nextInt(1, 18)));
                boolean punch = random.nextInt(3) == 0;
                if (punch) {
                    start = (start + BLOCK - 1) / BLOCK * BLOCK;
                    end = end / BLOCK * BLOCK;
                }
                if (!punch && holes.get(start / BLOCK)) {
                    start = start / BLOCK * BLOCK;
                }
                if (!punch && holes.get((end - 1) / BLOCK)) {
                    end = Math.min(bytes.length, (end + BLOCK - 1) / BLOCK * BLOCK);
                }
                if (start < end) {
                    dirty.add(new Range(start, end));
                    change(start, end, punch, random);
                    at = end;
                }
            }
            int resize = random.nextInt(6);
            if (resize == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            } else if (resize == 1 && !holes.get(bytes.length / BLOCK)) {
                int size = bytes.length;
                bytes = Arrays.copyOf(bytes, size + random.nextInt(100_000));
                change(size, bytes.length, false, random);
            }
            holes.clear((bytes.length + BLOCK - 1) / BLOCK, Integer.MAX_VALUE);
            return dirty;
        }

        private void change(int start, int end, boolean punch, Random random) {
            if (punch) {
                holes.set(start / BLOCK, end / BLOCK);
                Arrays.fill(bytes, start, end, (byte) 0);
            } else if (start < end) {
                byte[] fresh = new byte[end - start];
                random.nextBytes(fresh);
                System.arraycopy(fresh, 0, bytes, start, fresh.length);
                int firstBlock = start / BLOCK;
                int lastBlock = (end - 1) / BLOCK;
                holes.clear(firstBlock, lastBlock + 1);
            }
        }

        void check(ObjectTable table, @Nullable ContentRef ref) {
            StoredContent stored = new StoredContent(table, ref, bytes.length);
            byte[] read = new byte[bytes.length];
            assertEquals(bytes.length, stored.readUpTo(0, ByteBuffer.wrap(read)));
            assertArrayEquals(bytes, read);
            long data = 0;
            for (long at = 0; at < bytes.length; ) {
                assertEquals(isHole(at), stored.isHole(at), "hole at " + at);
                assertEquals(runEnd(at), stored.runEnd(at), "run from " + at);
                data += isHole(at) ? 0 : runEnd(at) - at;
                at = runEnd(at);
            }
            assertEquals(data, stored.allocatedBytes());
            if (bytes.length > 10) {
                int middle = bytes.length / 2;
                ByteBuffer few = ByteBuffer.allocate(5);
                stored.read(middle, few);
                assertArrayEquals(Arrays.copyOfRange(bytes, middle, middle + 5), few.array());
            } else if (bytes.length == 0) {
                assertNull(ref);
            }
        }

        @Override
        public boolean isHole(long offset) {
            return holes.get((int) (offset / BLOCK));
        }

        @Override
        public long runEnd(long offset) {
            int block = (int) (offset / BLOCK);
            long end = isHole(offset) ? holes.nextClearBit(block) : holes.nextSetBit(block);
            return end < 0 ? bytes.length : Math.min(bytes.length, end * BLOCK);
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            target.put(bytes, (int) offset, target.remaining());
        }
    }
}

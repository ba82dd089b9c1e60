package dev.dogear.mount.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel writes into a place, played: headers at 0, arguments at 128, what there is of payload at 256 and 4096. */
final class EntryTest {
    private static final int IN_SIZE = 40;

    private long memory;
    private ByteBuffer area;

    @BeforeEach
    void map() {
        memory = Calls.map(Entry.SIZE);
        area = Calls.buffer(memory, Entry.SIZE);
    }

    @AfterEach
    void unmap() {
        Calls.unmap(memory, Entry.SIZE);
    }

    private void deliver(long unique, long[] arguments, byte[] payload) {
        area.putInt(0, IN_SIZE + arguments.length * Long.BYTES + payload.length);
        area.putLong(8, unique);
        for (int i = 0; i < arguments.length; i++) {
            area.putLong(128 + i * Long.BYTES, arguments[i]);
        }
        area.putLong(264, unique);
        area.putInt(272, payload.length);
        area.put(4096, payload);
    }

    private static ByteBuffer answer(long unique, long value) {
        ByteBuffer answer = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
        return answer.putInt(0, 24).putInt(4, 0).putLong(8, unique).putLong(16, value);
    }

    @Test
    void aRequestIsOnePieceWithAndWithoutPayload() {
        Entry entry = new Entry(0, 0, memory);
        deliver(2, new long[] {11, 12}, new byte[] {7, 8, 9});
        ByteBuffer request = entry.request();
        assertEquals(IN_SIZE + 16 + 3, request.capacity());
        assertEquals(12, request.getLong(IN_SIZE + 8));
        assertEquals(9, request.get(IN_SIZE + 18));
        assertTrue(entry.hasPayload());

        deliver(4, new long[] {21}, new byte[0]);
        request = entry.request();
        assertEquals(4, request.getLong(8));
        assertEquals(21, request.getLong(IN_SIZE));
        assertFalse(entry.hasPayload());
        entry.answer().putInt(0, 24).putInt(4, 0).putLong(8, 4).putLong(16, 99);
        assertEquals(21, request.getLong(IN_SIZE), "the request is there while its answer is made");
    }

    @Test
    void anAnswerIsWhereTheKernelLooks() {
        Entry entry = new Entry(0, 0, memory);
        deliver(2, new long[] {11}, new byte[] {7, 8, 9});
        entry.request();
        entry.put(answer(2, 99), 24);
        assertEquals(24, area.getInt(0));
        assertEquals(99, area.getLong(4096));
        assertEquals(8, area.getInt(272));

        deliver(4, new long[] {11}, new byte[0]);
        entry.request();
        ByteBuffer inPlace = entry.answer();
        inPlace.putInt(0, 24).putInt(4, 0).putLong(8, 4).putLong(16, 77);
        entry.put(inPlace, 24);
        assertEquals(4, area.getLong(8));
        assertEquals(77, area.getLong(4096));
    }

    /** Each state in which a daemon may die, found by the next one. */
    @Test
    void aSuccessorFindsHowFarItCame() {
        assertEquals(0, new Entry(0, 0, memory).commitId());
        deliver(2, new long[] {11}, new byte[] {7});
        assertFalse(new Entry(0, 0, memory).isStaged());
        assertEquals(7, new Entry(0, 0, memory).request().get(IN_SIZE + 8));

        new Entry(0, 0, memory).executed(17, 3);
        Entry next = new Entry(0, 0, memory);
        assertTrue(next.isExecuted());
        assertEquals(17, next.errno());
        assertEquals(3, next.count());
        assertFalse(next.isStaged());

        next.put(answer(2, 99), 24);
        area.putLong(4096, 0); // as if death had come before it was there
        Entry last = new Entry(0, 0, memory);
        assertTrue(last.isStaged());
        last.putStaged();
        assertEquals(99, area.getLong(4096));

        deliver(4, new long[] {11}, new byte[] {7});
        assertFalse(last.isStaged(), "marks are those of one request");
        assertFalse(last.isExecuted());
        assertEquals(4, last.request().getLong(8));
    }
}

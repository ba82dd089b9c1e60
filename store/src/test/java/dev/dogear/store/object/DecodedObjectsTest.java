package dev.dogear.store.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A table that remembers keeps the contract, and decodes what it knows no more than once. */
final class DecodedObjectsTest extends ObjectTableContract {
    private static final int MORE_THAN_ARE_KEPT = 5_000;

    private final ObjectTable table = new DecodedObjects(new MemoryObjectTable());

    @Override
    protected ObjectTable table() {
        return table;
    }

    /** Notes what it is asked to decode. Equal only to itself. */
    private static final class Noting implements ObjectTable.Decoder<Integer> {
        private final List<ObjectId> asked = new ArrayList<>();

        @Override
        public Integer decode(ObjectId id, ByteBuffer content) {
            asked.add(id);
            return content.getInt();
        }
    }

    private ObjectId write(int number) {
        return table.write(
                ObjectKind.TREE,
                ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    }

    @Test
    void whatWasDecodedIsNotDecodedAgain() {
        Noting noting = new Noting();
        ObjectId seven = write(7);
        assertEquals(7, table.decode(seven, ObjectKind.TREE, noting));
        assertEquals(7, table.decode(seven, ObjectKind.TREE, noting));
        assertEquals(List.of(seven), noting.asked);
    }

    @Test
    void anotherDecoderMakesItsOwn() {
        ObjectId seven = write(7);
        assertEquals(7, table.decode(seven, ObjectKind.TREE, new Noting()));
        assertEquals("7", table.decode(seven, ObjectKind.TREE, (id, content) -> "" + content.getInt()));
    }

    @Test
    void theOldestAreForgottenAndDecodedAgain() {
        Noting noting = new Noting();
        ObjectId first = write(0);
        for (int i = 0; i < MORE_THAN_ARE_KEPT; i++) {
            assertEquals(i, table.decode(write(i), ObjectKind.TREE, noting));
        }
        assertEquals(MORE_THAN_ARE_KEPT, noting.asked.size());
        assertEquals(0, table.decode(first, ObjectKind.TREE, noting));
        assertEquals(MORE_THAN_ARE_KEPT + 1, noting.asked.size());
        assertTrue(table.keepsDecoded());
    }
}

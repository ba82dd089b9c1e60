package dev.dogear.store.lmdb;

import dev.dogear.store.lmdb.ObjectEnvironments.IdRow;
import dev.dogear.store.object.ObjectId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;

/** Takes the ids of objects that were not moved out of the index. May be cut off anywhere and done again. */
final class Sweep {
    private static final int PIECE_ROWS = 10_000;

    private final ObjectEnvironments stored;

    Sweep(ObjectEnvironments stored) {
        this.stored = stored;
    }

    void run() {
        byte[] from = new byte[ObjectId.BYTES];
        while (from != null) {
            List<byte[]> dead = new ArrayList<>();
            from = piece(from, dead);
            if (!dead.isEmpty()) {
                delete(dead);
            }
        }
        stored.swept();
    }

    /** Looks at a piece; returns the id to go on with, or null. */
    private byte @Nullable [] piece(byte[] from, List<byte[]> dead) {
        try (ReadView view = stored.index().read();
                ReadView objects = stored.readObjects();
                Cursor<ByteBuffer> cursor = view.cursor(ObjectEnvironments.IDS)) {
            boolean there = cursor.get(view.key(from), GetOp.MDB_SET_RANGE);
            for (int i = 0; there && i < PIECE_ROWS; i++) {
                if (!isThere(cursor.val(), objects)) {
                    dead.add(bytes(cursor.key()));
                }
                there = cursor.next();
            }
            return there ? bytes(cursor.key()) : null;
        }
    }

    private void delete(List<byte[]> dead) {
        stored.index().write((long) dead.size() * ObjectId.BYTES, out -> {
            try (ReadView objects = stored.readObjects()) {
                for (byte[] id : dead) {
                    // Again: it may have been stored anew meanwhile.
                    ByteBuffer row = out.get(ObjectEnvironments.IDS, id);
                    if (row != null && !isThere(row, objects)) {
                        out.delete(ObjectEnvironments.IDS, id);
                    }
                }
            }
        });
    }

    private static boolean isThere(ByteBuffer row, ReadView objects) {
        return objects.get(ObjectEnvironments.OBJECTS, IdRow.of(row).sequence()) != null;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}

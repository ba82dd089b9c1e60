package dev.dogear.store.lmdb;

import dev.dogear.store.lmdb.PendingRows.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;

/** One pass over a table in key order: what is pending laid over what LMDB has. */
final class RowScan {
    private final Iterator<Map.Entry<byte[], Version>> pending;
    private final Cursor<ByteBuffer> cursor;
    private final boolean backwards;
    private final long limit;

    private byte @Nullable [] pendingKey;
    private byte @Nullable [] pendingValue;
    private byte @Nullable [] storedKey;

    private RowScan(
            Iterator<Map.Entry<byte[], Version>> pending, Cursor<ByteBuffer> cursor, boolean backwards, long limit) {
        this.pending = pending;
        this.cursor = cursor;
        this.backwards = backwards;
        this.limit = limit;
    }

    /** @param limit the LSN of the last publish to be seen */
    static void run(
            Iterator<Map.Entry<byte[], Version>> pending,
            Cursor<ByteBuffer> cursor,
            Start start,
            long limit,
            Tables.RowVisitor visitor) {
        RowScan scan = new RowScan(pending, cursor, start.backwards, limit);
        scan.storedKey = scan.seek(start) ? ReadView.bytes(cursor.key()) : null;
        scan.nextPending();
        scan.run(visitor);
    }

    private void run(Tables.RowVisitor visitor) {
        while (pendingKey != null || storedKey != null) {
            int order = order();
            byte[] key = order <= 0 ? pendingKey : storedKey;
            byte[] value = order <= 0 ? pendingValue : ReadView.bytes(cursor.val());
            if (order <= 0) {
                nextPending();
            }
            if (order >= 0) {
                nextStored();
            }
            if (key != null && value != null && !visitor.row(key, value)) {
                return;
            }
        }
    }

    /** Below zero if the pending row comes first, zero if it hides the stored one. */
    private int order() {
        if (pendingKey == null) {
            return 1;
        }
        if (storedKey == null) {
            return -1;
        }
        int order = Arrays.compareUnsigned(pendingKey, storedKey);
        return backwards ? -order : order;
    }

    private void nextPending() {
        while (pending.hasNext()) {
            Map.Entry<byte[], Version> entry = pending.next();
            Version version = entry.getValue().at(limit);
            if (version != null) {
                pendingKey = entry.getKey();
                pendingValue = version.value();
                return;
            }
        }
        pendingKey = null;
        pendingValue = null;
    }

    private void nextStored() {
        storedKey = (backwards ? cursor.prev() : cursor.next()) ? ReadView.bytes(cursor.key()) : null;
    }

    private boolean seek(Start start) {
        if (start.key.length == 0) {
            return !backwards && cursor.first();
        }
        if (!cursor.get(start.direct, GetOp.MDB_SET_RANGE)) {
            return backwards && cursor.last();
        }
        boolean beyond = backwards && !Arrays.equals(ReadView.bytes(cursor.key()), start.key);
        return !beyond || cursor.prev();
    }

    /**
     * Where to begin.
     *
     * @param direct the key in a direct buffer
     */
    record Start(byte[] key, ByteBuffer direct, boolean backwards) {}
}

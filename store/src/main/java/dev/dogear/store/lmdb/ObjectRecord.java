package dev.dogear.store.lmdb;

import dev.dogear.store.journal.Journal;
import dev.dogear.store.lmdb.JournaledObjects.PendingObject;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.nio.ByteBuffer;

/**
 * The journal record of an object: id 32 bytes, kind u8, 15 of zero, then the content. Its LSN is the object's sequence
 * number: unique, ascending and fixed, with gaps.
 */
final class ObjectRecord {
    static final int KIND = 1;
    private static final int HEADER_BYTES = ObjectId.BYTES + 16;

    private ObjectRecord() {}

    static long append(Journal journal, ObjectId id, ObjectKind kind, ByteBuffer content) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        id.write(header);
        header.put(kind.code()).rewind();
        return journal.append(KIND, header, content.duplicate());
    }

    /** Where the content of the record at {@code lsn} begins. */
    static long content(long lsn) {
        return Journal.payload(lsn) + HEADER_BYTES;
    }

    static PendingObject decode(long lsn, ByteBuffer payload) {
        ByteBuffer rest = payload.duplicate();
        ObjectId id = ObjectId.read(rest);
        ObjectKind kind = ObjectKind.ofCode(rest.get());
        return new PendingObject(id, kind, payload.remaining() - HEADER_BYTES, lsn);
    }
}

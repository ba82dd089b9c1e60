package dev.dogear.store.lmdb;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import org.jspecify.annotations.Nullable;

/** An object that is in the journal and not in LMDB yet. Small ones written lately have their content here too. */
final class PendingObject {
    /** What one costs in memory beside its content, about. */
    static final int OVERHEAD_BYTES = 200;

    final ObjectId id;
    final ObjectKind kind;
    final int length;
    final long lsn;
    volatile byte @Nullable [] cached;

    PendingObject(ObjectId id, ObjectKind kind, int length, long lsn) {
        this.id = id;
        this.kind = kind;
        this.length = length;
        this.lsn = lsn;
    }
}

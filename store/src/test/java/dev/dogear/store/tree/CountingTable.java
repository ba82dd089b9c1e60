package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what goes through it. */
final class CountingTable implements ObjectTable {
    private final ObjectTable table;
    final AtomicLong reads = new AtomicLong();
    final AtomicLong writes = new AtomicLong();

    CountingTable(ObjectTable table) {
        this.table = table;
    }

    @Override
    public ObjectId write(ObjectKind kind, ByteBuffer content) {
        writes.incrementAndGet();
        return table.write(kind, content);
    }

    @Override
    public <R> R read(ObjectId id, ObjectKind kind, View<R> view) {
        reads.incrementAndGet();
        return table.read(id, kind, view);
    }

    @Override
    public boolean contains(ObjectId id) {
        return table.contains(id);
    }
}

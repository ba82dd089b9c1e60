package dev.dogear.store.object;

import java.nio.ByteBuffer;

/** Another table, and in memory what is written here: for what is only looked at and must not grow the repository. */
public final class ScratchTable implements ObjectTable {
    private final ObjectTable below;
    private final MemoryObjectTable own = new MemoryObjectTable();

    public ScratchTable(ObjectTable below) {
        this.below = below;
    }

    @Override
    public ObjectId write(ObjectKind kind, ByteBuffer content) {
        return own.write(kind, content);
    }

    @Override
    public <R> R read(ObjectId id, ObjectKind kind, View<R> view) {
        return own.contains(id) ? own.read(id, kind, view) : below.read(id, kind, view);
    }

    @Override
    public boolean contains(ObjectId id) {
        return own.contains(id) || below.contains(id);
    }
}

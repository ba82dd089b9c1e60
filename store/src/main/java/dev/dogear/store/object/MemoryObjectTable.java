package dev.dogear.store.object;

import dev.dogear.store.StoreException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Objects in the heap, gone with the process: for tests and for trees that are only looked at. Any thread may use it. */
public final class MemoryObjectTable implements ObjectTable {
    private final ConcurrentMap<ObjectId, Stored> objects = new ConcurrentHashMap<>();

    @Override
    public ObjectId write(ObjectKind kind, ByteBuffer content) {
        ObjectId id = ObjectId.of(kind, content);
        if (!objects.containsKey(id)) {
            byte[] bytes = new byte[content.remaining()];
            content.duplicate().get(bytes);
            objects.putIfAbsent(id, new Stored(kind, bytes));
        }
        return id;
    }

    @Override
    public <R> R read(ObjectId id, ObjectKind kind, View<R> view) {
        @Nullable Stored stored = objects.get(id);
        if (stored == null) {
            throw new StoreException(StoreException.Kind.CORRUPT, "Missing " + kind + " object " + id);
        }
        if (stored.kind != kind) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, "Not a " + kind + " but a " + stored.kind + " object " + id);
        }
        return view.see(ByteBuffer.wrap(stored.bytes).asReadOnlyBuffer());
    }

    @Override
    public boolean contains(ObjectId id) {
        return objects.containsKey(id);
    }

    /** Number of objects. */
    public int size() {
        return objects.size();
    }

    private record Stored(ObjectKind kind, byte[] bytes) {}
}

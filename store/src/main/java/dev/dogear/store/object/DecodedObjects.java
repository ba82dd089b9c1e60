package dev.dogear.store.object;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Another table, with what was decoded of its objects lately: for a verb that comes to the same nodes again and again. It holds
 * what a collection or a purge may take away, so it lives no longer than the verb. One thread at a time.
 */
public final class DecodedObjects implements ObjectTable {
    /** Of some ten kilobytes each, as far as they are nodes of trees. */
    private static final int KEPT = 2048;

    private static final float LOAD_FACTOR = 0.75f;

    private final ObjectTable below;
    private final Map<Key, Object> decoded = new LinkedHashMap<>(64, LOAD_FACTOR, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Object> eldest) {
            return size() > KEPT;
        }
    };

    /** Different decoders make different things of one object. */
    private record Key(ObjectId id, Decoder<?> decoder) {}

    public DecodedObjects(ObjectTable below) {
        this.below = below;
    }

    @Override
    public ObjectId write(ObjectKind kind, ByteBuffer content) {
        return below.write(kind, content);
    }

    @Override
    public <R> R read(ObjectId id, ObjectKind kind, View<R> view) {
        return below.read(id, kind, view);
    }

    @Override
    public boolean contains(ObjectId id) {
        return below.contains(id);
    }

    @Override
    @SuppressWarnings("unchecked") // The decoder that made it is in the key.
    public <R> R decode(ObjectId id, ObjectKind kind, Decoder<R> decoder) {
        Key key = new Key(id, decoder);
        Object known = decoded.get(key);
        if (known != null) {
            return (R) known;
        }
        R made = below.decode(id, kind, decoder);
        decoded.put(key, made);
        return made;
    }

    @Override
    public boolean keepsDecoded() {
        return true;
    }
}

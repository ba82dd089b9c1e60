package dev.dogear.store.object;

import java.nio.ByteBuffer;

/**
 * Where objects are kept. Writing is idempotent: the same bytes of the same kind are one object. An object written is
 * readable at once by every thread; it is durable when the repository says so (a publish or a flush), not before.
 */
public interface ObjectTable {
    /**
     * Stores an object unless it is there already.
     *
     * @param content the bytes from position to limit; neither moved nor kept
     * @return the object's id
     */
    ObjectId write(ObjectKind kind, ByteBuffer content);

    /**
     * Shows an object's content to {@code view} without copying it.
     *
     * @throws dev.dogear.store.StoreException of kind CORRUPT if the object is missing or of another kind
     */
    <R> R read(ObjectId id, ObjectKind kind, View<R> view);

    /** Whether the object is there. */
    boolean contains(ObjectId id);

    /** What a reader does with an object's bytes. */
    @FunctionalInterface
    interface View<R> {
        /** @param content read-only, big-endian, position 0; must not be kept beyond this call */
        R see(ByteBuffer content);
    }
}

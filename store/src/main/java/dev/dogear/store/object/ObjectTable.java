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

    /** What {@code decoder} makes of an object's content; perhaps what an equal decoder made of it before. */
    default <R> R decode(ObjectId id, ObjectKind kind, Decoder<R> decoder) {
        return read(id, kind, content -> decoder.decode(id, content));
    }

    /** Whether decoding the same object again costs nothing. */
    default boolean keepsDecoded() {
        return false;
    }

    /** Whether the object is there. */
    boolean contains(ObjectId id);

    /** Makes of an object's bytes what is never changed. Equal decoders make the same of the same bytes. */
    @FunctionalInterface
    interface Decoder<R> {
        /** @param content as in {@link View#see} */
        R decode(ObjectId id, ByteBuffer content);
    }

    /** What a reader does with an object's bytes. */
    @FunctionalInterface
    interface View<R> {
        /** @param content read-only, big-endian, position 0; must not be kept beyond this call */
        R see(ByteBuffer content);
    }
}

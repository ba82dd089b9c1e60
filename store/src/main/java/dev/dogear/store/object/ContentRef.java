package dev.dogear.store.object;

/**
 * Where the content of a file or directory starts: the id of its first object and that object's kind.
 *
 * @param kind CHUNK for content that is one chunk, FILE for a list of chunks, TREE for a directory's entries
 * @param id the object
 */
public record ContentRef(ObjectKind kind, ObjectId id) {}

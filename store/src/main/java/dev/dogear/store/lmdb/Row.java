package dev.dogear.store.lmdb;

import org.jspecify.annotations.Nullable;

/**
 * One change of a table.
 *
 * @param table which
 * @param key at most 511 bytes
 * @param value null deletes
 */
public record Row(Table table, byte[] key, byte @Nullable [] value) {}

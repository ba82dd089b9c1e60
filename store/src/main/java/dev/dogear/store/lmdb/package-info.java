/**
 * The tables of one repository: what the journal has made durable and LMDB holds for good. The only package that knows
 * LMDB.
 *
 * <p>Threads: any thread reads, through a pool of read transactions; one folder thread for the process writes.
 */
@NullMarked
package dev.dogear.store.lmdb;

import org.jspecify.annotations.NullMarked;

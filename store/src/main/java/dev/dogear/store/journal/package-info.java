/**
 * The append-only log of one repository: it makes an edit or a publish durable before LMDB has it.
 *
 * <p>Threads: any thread appends and reads; one flusher thread for the process runs fdatasync for all journals. Lock
 * order: the append lock is a leaf; no caller may wait for a flush while it holds a lock of its own.
 */
@NullMarked
package dev.dogear.store.journal;

import org.jspecify.annotations.NullMarked;

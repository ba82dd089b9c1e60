/**
 * What history records and how it is read back: changes by id, bookmarks, the operation log, and the row of each
 * repository. Nothing here moves a bookmark: the verbs of {@code history} do, and publish these rows.
 *
 * <p>Threads: everything may be asked by any thread; only {@link HistoryTables#apply} changes what is in memory, under the
 * publish lock of its caller. No lock of its own.
 */
@NullMarked
package dev.dogear.store.history.log;

import org.jspecify.annotations.NullMarked;

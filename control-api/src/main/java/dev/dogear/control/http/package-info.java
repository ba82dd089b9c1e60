/**
 * HTTP on a Unix socket, below the routes: connections and who is behind them, matching of raw paths, bodies, paging,
 * and the one mapper from exceptions to the error envelope. A request runs on a thread of the server from its first
 * step to its last and may block there; nothing here holds a lock.
 */
@NullMarked
package dev.dogear.control.http;

import org.jspecify.annotations.NullMarked;

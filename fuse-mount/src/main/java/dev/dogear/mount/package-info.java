/**
 * What is seen: every bookmark of every repository as a live, writable directory. This module turns kernel requests
 * into edits of a workspace and tells the kernel what changed behind its back. It uses the store and knows nothing
 * of the control interface. Lock order, for every package below: gate, rename mutex, directories (ancestor first),
 * file, leaf structures, the journal's append. Nobody waits for a flush, for LMDB's writer or for the notifier with
 * any of these held.
 */
@NullMarked
package dev.dogear.mount;

import org.jspecify.annotations.NullMarked;

/**
 * What Dogear keeps: objects, journal, tables, trees, live workspaces and history.
 *
 * <p>This package holds what stands beside all packages below it: the exception family of the store, what
 * it asks of the disk, the lock of its data folder and the folders of its repositories. The packages
 * build on each other in this order, never backwards: {@code object}, {@code journal}, {@code lmdb}, {@code tree},
 * {@code workspace}, {@code history}, {@code care}.
 */
@NullMarked
package dev.dogear.store;

import org.jspecify.annotations.NullMarked;

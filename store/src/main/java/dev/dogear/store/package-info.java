/**
 * What Dogear keeps: objects, journal, tables, trees, live workspaces and history.
 *
 * <p>This package holds only what every package below it shares: the one exception family of the store. The packages
 * build on each other in this order, never backwards: {@code object}, {@code journal}, {@code lmdb}, {@code tree},
 * {@code workspace}, {@code history}, {@code care}.
 */
@NullMarked
package dev.dogear.store;

import org.jspecify.annotations.NullMarked;

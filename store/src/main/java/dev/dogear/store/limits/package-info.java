/**
 * How much a repository may hold, asked on every edit's way.
 *
 * <p>Threads: any. No locks; asked with a file's lock held, so it waits for nobody.
 */
@NullMarked
package dev.dogear.store.limits;

import org.jspecify.annotations.NullMarked;

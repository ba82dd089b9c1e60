/**
 * What those who follow a repository are told of: that an operation is durable, that a merge had conflicts.
 *
 * <p>Threads: any; each class has a lock of its own, held for look-ups in memory and by those who wait for news.
 */
@NullMarked
package dev.dogear.store.history.news;

import org.jspecify.annotations.NullMarked;

/**
 * What a repository, or the daemon, is told to do and not to do: settings with their forms, defaults and values.
 *
 * <p>Threads: any; {@link dev.dogear.store.config.Settings} changes one at a time, {@link dev.dogear.store.config.Config} never changes.
 */
@NullMarked
package dev.dogear.store.config;

import org.jspecify.annotations.NullMarked;

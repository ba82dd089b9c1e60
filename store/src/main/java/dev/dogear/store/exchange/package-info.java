/** Trees that come from the host or go to it: directories and tar archives. No locks; one thread a call. */
@NullMarked
package dev.dogear.store.exchange;

import org.jspecify.annotations.NullMarked;

/** Rules of access control lists. */
@NullMarked
package dev.dogear.store.access;

import org.jspecify.annotations.NullMarked;

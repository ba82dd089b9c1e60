/** Tests of {@code dev.dogear.control.events}. */
@NullMarked
package dev.dogear.control.events;

import org.jspecify.annotations.NullMarked;

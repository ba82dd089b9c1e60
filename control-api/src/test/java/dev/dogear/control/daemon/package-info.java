/** Tests of {@code dev.dogear.control.daemon}. */
@NullMarked
package dev.dogear.control.daemon;

import org.jspecify.annotations.NullMarked;

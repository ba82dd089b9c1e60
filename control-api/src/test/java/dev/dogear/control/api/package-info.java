/** Tests of {@code dev.dogear.control.api}. */
@NullMarked
package dev.dogear.control.api;

import org.jspecify.annotations.NullMarked;

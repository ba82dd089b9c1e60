/** Tests of {@code dev.dogear.control.metrics}. */
@NullMarked
package dev.dogear.control.metrics;

import org.jspecify.annotations.NullMarked;

/** Tests of {@code dev.dogear.control.cli}. */
@NullMarked
package dev.dogear.control.cli;

import org.jspecify.annotations.NullMarked;

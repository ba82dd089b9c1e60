/** Tests of {@code dev.dogear.control.http}. */
@NullMarked
package dev.dogear.control.http;

import org.jspecify.annotations.NullMarked;

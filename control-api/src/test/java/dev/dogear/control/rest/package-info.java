/** Tests of {@code dev.dogear.control.rest}. */
@NullMarked
package dev.dogear.control.rest;

import org.jspecify.annotations.NullMarked;

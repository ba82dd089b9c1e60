/** Tests of changes, diffs and content as JSON. */
@NullMarked
package dev.dogear.control.rest.change;

import org.jspecify.annotations.NullMarked;

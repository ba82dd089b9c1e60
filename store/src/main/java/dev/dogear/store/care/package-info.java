/** Looking after a store: verifying everything it holds. */
@NullMarked
package dev.dogear.store.care;

import org.jspecify.annotations.NullMarked;

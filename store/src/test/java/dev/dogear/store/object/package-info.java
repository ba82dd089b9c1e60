@NullMarked
package dev.dogear.store.object;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.dogear.store.backup;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.dogear.store.care;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.dogear.store.tree;

import org.jspecify.annotations.NullMarked;

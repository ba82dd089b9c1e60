@NullMarked
package dev.dogear.store.config;

import org.jspecify.annotations.NullMarked;

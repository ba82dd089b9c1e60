/**
 * How long things take. Written to by any thread at any time, without locks; read now and then.
 */
@NullMarked
package dev.dogear.store.measure;

import org.jspecify.annotations.NullMarked;

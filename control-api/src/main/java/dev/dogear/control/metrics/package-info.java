/**
 * What the daemon measures, as the text Prometheus reads. Reads counters that others write; holds no lock.
 */
@NullMarked
package dev.dogear.control.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * The daemon's main program: opens the data folder, wires store, mounts and control interface together by hand,
 * without a container, and closes them in the reverse order. It owns every thread that is started and every resource
 * that is closed.
 */
@NullMarked
package dev.dogear.control.daemon;

import org.jspecify.annotations.NullMarked;

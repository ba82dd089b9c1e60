/**
 * The control interface as a whole: all routes in one list, and the server for them. Holds no lock.
 */
@NullMarked
package dev.dogear.control.api;

import org.jspecify.annotations.NullMarked;

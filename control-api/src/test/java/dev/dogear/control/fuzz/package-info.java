/** The routes under requests nobody should send, and under many at a time, over a real socket. */
@NullMarked
package dev.dogear.control.fuzz;

import org.jspecify.annotations.NullMarked;

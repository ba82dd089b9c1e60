/** The routes under requests nobody should send, over a real socket. */
@NullMarked
package dev.dogear.control.fuzz;

import org.jspecify.annotations.NullMarked;

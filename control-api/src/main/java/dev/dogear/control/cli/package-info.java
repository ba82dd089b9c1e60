/**
 * The {@code dogear} command: it parses arguments, asks the daemon over its socket and prints the answer, for people
 * or as JSON. It holds no rules of its own and never opens the store beside a running daemon.
 */
@NullMarked
package dev.dogear.control.cli;

import org.jspecify.annotations.NullMarked;

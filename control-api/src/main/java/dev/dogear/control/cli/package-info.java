/**
 * The {@code dogear} command: its {@code line} parses arguments, its {@code verbs} ask the daemon over its socket and print the answer, for people
 * or as JSON. It holds no rules of its own and never opens the store beside a running daemon.
 */
@NullMarked
package dev.dogear.control.cli;

import org.jspecify.annotations.NullMarked;

/**
 * A line of the command and what it is answered with: a {@link dev.dogear.control.cli.line.Verb} describes what may stand in it,
 * {@link dev.dogear.control.cli.line.Arguments} is what does, an {@link dev.dogear.control.cli.line.Invocation} asks the daemon and prints.
 * One thread.
 */
@NullMarked
package dev.dogear.control.cli.line;

import org.jspecify.annotations.NullMarked;

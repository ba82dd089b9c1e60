/**
 * What each verb asks the daemon and how its answer is shown, one class for each kind of thing. A verb is added here and in
 * {@link dev.dogear.control.cli.verbs.Commands}. One thread.
 */
@NullMarked
package dev.dogear.control.cli.verbs;

import org.jspecify.annotations.NullMarked;

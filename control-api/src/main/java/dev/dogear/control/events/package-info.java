/**
 * What happens in a repository, told as it happens: its operations in their order, replayable from any number, and how
 * many edits its bookmarks have. Nothing is queued for anybody: each follower reads the operation log itself, on a
 * thread of the server's that is his alone, and waits for news with no lock held but the one he waits on.
 */
@NullMarked
package dev.dogear.control.events;

import org.jspecify.annotations.NullMarked;

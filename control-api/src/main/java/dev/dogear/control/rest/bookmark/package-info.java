/**
 * Bookmarks and their live state: where they point, checkpoint, undo, redo, merge. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.bookmark;

import org.jspecify.annotations.NullMarked;

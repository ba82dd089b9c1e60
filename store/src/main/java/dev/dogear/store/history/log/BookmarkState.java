package dev.dogear.store.history.log;

import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.tree.Root;
import java.time.Instant;

/**
 * All that a bookmark is at one moment: what the operation log keeps before and after each operation, so that undo and
 * redo are nothing but going back to a recorded state.
 *
 * @param number of the bookmark
 * @param change where it points
 * @param commit likewise
 * @param root what its directory shows: the change's tree, or that plus edits
 * @param position the operation that an undo would revert, 0 for none
 * @param redo the undo operation that a redo would revert, 0 for none
 * @param created when the bookmark was made
 * @param updated when it last moved
 */
public record BookmarkState(
        int number,
        ChangeId change,
        ObjectId commit,
        Root root,
        long position,
        long redo,
        Instant created,
        Instant updated) {

    /** The bookmark as the outside sees it. */
    public Bookmark named(String name) {
        return new Bookmark(name, number, change, commit, created, updated);
    }

    /** The same bookmark after operation {@code operation} moved it to {@code target}, which its directory shows. */
    public BookmarkState movedTo(Change target, long operation, Instant at) {
        return new BookmarkState(number, target.id(), target.commit(), target.root(), operation, 0, created, at);
    }

    /** This recorded state, restored by an operation: {@code nextRedo} is what a redo would revert then. */
    public BookmarkState restored(long nextRedo, Instant at) {
        return new BookmarkState(number, change, commit, root, position, nextRedo, created, at);
    }

    /** The same as left by operation {@code operation}. */
    public BookmarkState after(long operation) {
        return new BookmarkState(number, change, commit, root, operation, redo, created, updated);
    }

    /** The same after an edit by a verb: nothing is to be redone. */
    public BookmarkState edited(Root shown, Instant at) {
        return new BookmarkState(number, change, commit, shown, position, 0, created, at);
    }

    /** The same, its change stored as another commit. */
    public BookmarkState at(ObjectId other) {
        return new BookmarkState(number, change, other, root, position, redo, created, updated);
    }

    /** The same of a bookmark of another number. */
    BookmarkState numbered(int other) {
        return new BookmarkState(other, change, commit, root, position, redo, created, updated);
    }

    /** The same, showing {@code shown}. */
    public BookmarkState showing(Root shown) {
        return new BookmarkState(number, change, commit, shown, position, redo, created, updated);
    }
}

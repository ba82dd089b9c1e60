package dev.dogear.store.change;

import dev.dogear.store.object.ObjectId;
import java.time.Instant;

/**
 * A mutable name for a change.
 *
 * @param name parts separated by {@code /}
 * @param number unique in the store for all time: the high half of inode numbers
 * @param change where it points
 * @param commit the commit of that change it points at
 * @param created when it was made
 * @param updated when it last moved
 */
public record Bookmark(String name, int number, ChangeId change, ObjectId commit, Instant created, Instant updated) {}

package dev.dogear.store.change;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.tree.Root;
import java.time.Instant;

/**
 * An immutable state of a repository's tree.
 *
 * @param id stable over amending
 * @param commit the object that holds this state; its first 40 hexadecimal digits are the commit id
 * @param parents commits this one follows; none only for the virtual root
 * @param root the whole tree
 * @param authors at least one but for the virtual root
 * @param committer who stored it
 * @param message free text, metadata trailers at its end
 * @param created when
 * @param generation 0 for the virtual root, else one more than the greatest of the parents: orders ancestors
 */
public record Change(
        ChangeId id,
        ObjectId commit,
        ImmutableList<ObjectId> parents,
        Root root,
        ImmutableList<Person> authors,
        Person committer,
        String message,
        Instant created,
        int generation) {
    /** Number of hexadecimal digits of a commit id. */
    public static final int COMMIT_ID_DIGITS = 40;

    /** 40 lower-case hexadecimal digits that name the present content. */
    public String commitId() {
        return commit.toHex().substring(0, COMMIT_ID_DIGITS);
    }
}

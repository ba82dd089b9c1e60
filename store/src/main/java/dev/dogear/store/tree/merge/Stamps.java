package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The times of what is in the result: ours where the merge changed nothing, the merge's own where it did. */
final class Stamps {
    private Stamps() {}

    /** Content that changed gets both times, attributes or a place that changed get ctime. */
    static TreeEntry file(TreeEntry entry, Item.@Nullable Spot ours, boolean moved, Timestamp time) {
        boolean content = ours == null
                || (Side.isDirectory(entry)
                        ? !Objects.equals(ours.entry().content(), entry.content())
                        : !ours.entry().sameContent(entry));
        Attributes attributes = entry.attributes();
        if (ours == null || content) {
            return entry.withAttributes(attributes.withTimes(time, time));
        }
        Attributes old = ours.entry().attributes();
        boolean changed = moved || !attributes.sameButTimes(old);
        return entry.withAttributes(attributes.withTimes(old.mtime(), changed ? time : old.ctime()));
    }
}

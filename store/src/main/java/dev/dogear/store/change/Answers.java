package dev.dogear.store.change;

import dev.dogear.store.change.Merging.Answer;
import dev.dogear.store.change.Merging.HunkAnswer;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.conflict.ConflictHunks;
import dev.dogear.store.tree.conflict.Resolution;
import dev.dogear.store.tree.text.TextMerge;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/** Decides conflicted paths as somebody asked. */
public final class Answers {
    private final ObjectTable table;
    private final Resolution resolution;

    /** Decisions of that time. */
    public Answers(ObjectTable table, Timestamp time, IntSupplier fileIds) {
        this.table = table;
        this.resolution = new Resolution(table, time, fileIds);
    }

    /** The root with that path decided. */
    public Root apply(Root root, Answer answer) {
        Resolution.Take take = answer.take();
        byte[] content = answer.content();
        if (take != null) {
            return resolution.take(root, answer.path(), take);
        }
        if (content != null) {
            return resolution.content(root, answer.path(), content);
        }
        return answer.hunks().isEmpty() ? resolution.accept(root, answer.path()) : byHunks(root, answer);
    }

    private Root byHunks(Root root, Answer answer) {
        ConflictHunks hunks = ConflictHunks.of(table, resolution.conflict(root, answer.path()));
        Map<String, ConflictHunks.Hunk> byId = new HashMap<>();
        hunks.list().forEach(hunk -> byId.put(hunk.id(), hunk));
        Map<String, byte[]> answers = new HashMap<>();
        answer.hunks().forEach((id, given) -> {
            byte[] content = given.content();
            ConflictHunks.Hunk hunk = byId.get(id);
            answers.put(
                    id,
                    content != null
                            ? content
                            : hunk == null ? new byte[0] : side(hunk, given).bytes());
        });
        return resolution.content(root, answer.path(), hunks.resolved(answers));
    }

    private static TextMerge.Part side(ConflictHunks.Hunk hunk, HunkAnswer given) {
        return given.take() == Resolution.Take.OURS
                ? hunk.ours()
                : given.take() == Resolution.Take.THEIRS ? hunk.theirs() : hunk.base();
    }
}

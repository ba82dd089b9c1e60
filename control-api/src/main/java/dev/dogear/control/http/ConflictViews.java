package dev.dogear.control.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.store.change.Merging;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictHunks;
import dev.dogear.store.tree.text.TextMerge;
import java.util.Base64;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Conflicts as JSON: target is the bookmark merged into, source the one merged. */
public final class ConflictViews {
    private ConflictViews() {}

    /** All of them, with their hunks. */
    public static ArrayNode told(Collection<Merging.Conflicted> conflicts) {
        ArrayNode view = Json.object().arrayNode();
        for (Merging.Conflicted each : conflicts) {
            ObjectNode conflict = conflict(each.conflict());
            conflict.set("hunks", hunks(each.hunks()));
            view.add(conflict);
        }
        return view;
    }

    /** One, without its hunks. */
    public static ObjectNode conflict(Conflict conflict) {
        ObjectNode view = Json.object()
                .put("path", conflict.path().toString())
                .put("kind", conflict.text())
                .put("sides", conflict.sides().size());
        view.set("base", version(conflict.base()));
        view.set("target", version(conflict.ours()));
        view.set("source", version(conflict.theirs()));
        return view;
    }

    private static @Nullable ObjectNode version(Conflict.@Nullable Version version) {
        TreeEntry entry = version == null ? null : version.entry();
        if (version == null || entry == null) {
            return null;
        }
        ContentRef content = entry.content();
        String mode = Integer.toOctalString(
                entry.type().modeBits() | entry.attributes().mode());
        return Json.object()
                .put("path", version.path().toString())
                .put("type", entry.type().name().toLowerCase(Locale.ROOT))
                .put("mode", mode)
                .put("id", content == null ? null : content.id().toHex())
                .put("size_bytes", entry.type() == EntryType.DIRECTORY ? 0 : entry.size());
    }

    /** The places within a text, with what each side has there. */
    public static ArrayNode hunks(Collection<ConflictHunks.Hunk> hunks) {
        ArrayNode view = Json.object().arrayNode();
        for (ConflictHunks.Hunk hunk : hunks) {
            ObjectNode each = view.addObject().put("hunk_id", hunk.id());
            lines(each, "old", hunk.base());
            lines(each, "new", hunk.ours());
            each.set("target", content(hunk.ours()));
            each.set("base", content(hunk.base()));
            each.set("source", content(hunk.theirs()));
        }
        return view;
    }

    private static void lines(ObjectNode hunk, String side, TextMerge.Part part) {
        hunk.put(side + "_start", part.lines() == 0 ? part.begin() : part.begin() + 1)
                .put(side + "_lines", part.lines());
    }

    private static ObjectNode content(TextMerge.Part part) {
        return Json.object().put("content", Base64.getEncoder().encodeToString(part.bytes()));
    }
}

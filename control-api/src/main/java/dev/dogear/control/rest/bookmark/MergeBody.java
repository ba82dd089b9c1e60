package dev.dogear.control.rest.bookmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import dev.dogear.store.change.Merging;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Resolution;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads how a merge is to be made, and answers for conflicts: for a file whole, or for each of its hunks. */
public final class MergeBody {
    private MergeBody() {}

    static Merging.How how(Body body) {
        return new Merging.How(
                body.flag("allow_conflicted", false),
                body.flag("squash", false),
                body.texts("paths").stream().map(MergeBody::path).collect(ImmutableList.toImmutableList()),
                answers(body));
    }

    /** The answers of {@code resolutions[]}; those for hunks of one path are put together. */
    public static ImmutableList<Merging.Answer> answers(Body body) {
        JsonNode list = body.node("resolutions");
        if (list == null) {
            return ImmutableList.of();
        }
        if (!list.isArray()) {
            throw ApiException.invalid("The field resolutions is an array.");
        }
        Map<TreePath, Merging.Answer> whole = new LinkedHashMap<>();
        Map<TreePath, ImmutableMap.Builder<String, Merging.HunkAnswer>> hunks = new LinkedHashMap<>();
        for (JsonNode each : list) {
            TreePath path = path(each.path("path").asText());
            Resolution.@Nullable Take take = take(each.path("take").asText());
            byte @Nullable [] content = content(each);
            String hunk = each.path("hunk_id").asText();
            if ((take == null) == (content == null)) {
                throw ApiException.invalid(
                        "A resolution has either content (base64) or take (target, source or base): " + path);
            }
            if (hunk.isEmpty()) {
                whole.put(path, new Merging.Answer(path, take, content, ImmutableMap.of()));
            } else {
                hunks.computeIfAbsent(path, key -> ImmutableMap.builder())
                        .put(hunk, new Merging.HunkAnswer(take, content));
            }
        }
        hunks.forEach((path, answers) -> {
            Merging.Answer answer = new Merging.Answer(path, null, null, answers.buildKeepingLast());
            if (whole.put(path, answer) != null) {
                throw ApiException.invalid("A path is resolved as a whole or hunk by hunk, not both: " + path);
            }
        });
        return ImmutableList.copyOf(whole.values());
    }

    private static byte @Nullable [] content(JsonNode resolution) {
        JsonNode content = resolution.get("content");
        if (content == null || content.isNull()) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(content.asText());
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("The content of a resolution is base64.");
        }
    }

    private static Resolution.@Nullable Take take(String word) {
        return switch (word) {
            case "" -> null;
            case "target", "ours" -> Resolution.Take.OURS;
            case "source", "theirs" -> Resolution.Take.THEIRS;
            case "base" -> Resolution.Take.BASE;
            default -> throw ApiException.invalid("A resolution takes target, source or base, not " + word + ".");
        };
    }

    static TreePath path(String text) {
        try {
            return TreePath.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("A path is such as src/a.c: " + e.getMessage());
        }
    }
}

package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list: {@code limit} entries from where {@code cursor} says.
 *
 * @param after what the cursor carries, empty for the beginning
 */
public record Page(int limit, String after) {
    private static final int LIMIT_STANDARD = 50;
    private static final int LIMIT_MAX = 100;

    public static Page of(Call call) {
        String cursor = call.query("cursor").orElse("");
        try {
            String after = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            return new Page(call.number("limit", LIMIT_STANDARD, 1, LIMIT_MAX), after);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("This cursor is none this daemon gave.");
        }
    }

    /** The cursor's number, 0 for the beginning. */
    public int number() {
        try {
            return after.isEmpty() ? 0 : Integer.parseUnsignedInt(after) & Integer.MAX_VALUE;
        } catch (NumberFormatException e) {
            throw ApiException.invalid("This cursor is none this daemon gave.");
        }
    }

    /**
     * The answer of a list.
     *
     * @param found the entries from here on, more than {@link #limit} if there are more
     * @param key what the cursor carries when an entry was the last of its page
     */
    public <T> Answer answer(
            String field, List<T> found, Function<T, ? extends JsonNode> view, Function<T, String> key) {
        ObjectNode answer = Json.object();
        ArrayNode array = answer.putArray(field);
        List<T> shown = found.size() > limit ? found.subList(0, limit) : found;
        shown.forEach(entry -> array.add(view.apply(entry)));
        boolean more = found.size() > limit;
        answer.put("next_cursor", more ? cursor(key.apply(shown.get(limit - 1))) : null);
        answer.put("has_more", more);
        return Answer.ok(answer);
    }

    /** The answer of a list that was looked up a page at a time; {@code next} is what the cursor carries, null at the end. */
    public <T> Answer answer(String field, List<T> shown, Function<T, ? extends JsonNode> view, @Nullable String next) {
        ObjectNode answer = Json.object();
        ArrayNode array = answer.putArray(field);
        shown.forEach(entry -> array.add(view.apply(entry)));
        answer.put("next_cursor", next == null ? null : cursor(next));
        answer.put("has_more", next != null);
        return Answer.ok(answer);
    }

    /** The answer of a list in the order of its keys, of which all entries are given. */
    public <T> Answer answerSorted(
            String field, List<T> all, Function<T, ? extends JsonNode> view, Function<T, String> key) {
        List<T> rest = all.stream()
                .filter(entry -> after.isEmpty() || key.apply(entry).compareTo(after) > 0)
                .toList();
        return answer(field, rest, view, key);
    }

    private static String cursor(String after) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(after.getBytes(StandardCharsets.UTF_8));
    }
}

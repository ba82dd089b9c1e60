package dev.dogear.control.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.auth.Caller;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request, as a route sees it.
 *
 * @param caller who asks
 * @param path the decoded values of the route's segments in braces
 * @param query the parameters, the first of each name
 * @param accept the Accept header, empty for none
 * @param key the Idempotency-Key header, null for none: a verb asked for again under it is not done again
 * @param body what was sent
 * @param notes what the route adds to the entry of the audit log
 */
public record Call(
        Caller caller,
        Map<String, String> path,
        Map<String, String> query,
        String accept,
        @Nullable String key,
        Body body,
        ObjectNode notes) {
    /** The value of a segment in braces of the route's pattern. */
    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no segment " + name);
        }
        return value;
    }

    /** The same of a number that the daemon has given something. */
    public long pathNumber(String name) {
        try {
            return Long.parseLong(path(name));
        } catch (NumberFormatException e) {
            throw ApiException.invalid(
                    "The " + name + " is named by a number, such as the list of them has, not by " + path(name) + ".");
        }
    }

    /** A query parameter. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** A query parameter that has to be there. */
    public String required(String name) {
        return query(name)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> ApiException.invalid("The query parameter " + name + " is missing."));
    }

    /** A query parameter that is a whole number in a range. */
    public int number(String name, int standard, int least, int most) {
        String text = query(name).orElse("");
        if (text.isEmpty()) {
            return standard;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw ApiException.invalid("The query parameter " + name + " is a number from " + least + " to " + most + ".");
    }

    /** A query parameter that is {@code true} or {@code false}, the latter if it is absent. */
    public boolean flag(String name) {
        String text = query(name).orElse("false");
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw ApiException.invalid("The query parameter " + name + " is true or false.");
    }

    /** Whether the caller asked for that media type by its name and not for JSON. */
    public boolean prefers(String type) {
        String asked = accept.toLowerCase(Locale.ROOT);
        return asked.contains(type) && !asked.contains(Answer.JSON);
    }
}

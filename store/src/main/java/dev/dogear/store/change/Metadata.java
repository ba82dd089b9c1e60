package dev.dogear.store.change;

import com.google.common.collect.ImmutableMap;
import dev.dogear.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Metadata of a change as trailers of its message: {@code key: value} lines that form its last paragraph, as git's
 * interpret-trailers reads and writes them.
 */
public final class Metadata {
    private static final Pattern TRAILER = Pattern.compile("([A-Za-z0-9][A-Za-z0-9-]*): (.*)");
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");

    private Metadata() {}

    /**
     * The message with the metadata at its end.
     *
     * @throws StoreException INVALID for a key that is no word or a value of several lines
     */
    public static String append(String message, Map<String, String> metadata) {
        if (metadata.isEmpty()) {
            return message;
        }
        String body = message.stripTrailing();
        StringBuilder text = new StringBuilder(body);
        if (!body.isEmpty()) {
            text.append(parse(body).isEmpty() ? "\n\n" : "\n");
        }
        metadata.forEach((key, value) -> text.append(requireKey(key))
                .append(": ")
                .append(requireValue(key, value))
                .append('\n'));
        return text.toString().stripTrailing();
    }

    /** The trailers of a message in their order; of a key that is there twice, the last. */
    public static ImmutableMap<String, String> parse(String message) {
        List<Matcher> found = new ArrayList<>();
        String[] lines = message.stripTrailing().split("\n", -1);
        int at = lines.length - 1;
        for (; at >= 0 && !lines[at].isBlank(); at--) {
            Matcher matcher = TRAILER.matcher(lines[at]);
            if (!matcher.matches()) {
                return ImmutableMap.of();
            }
            found.add(0, matcher);
        }
        // A message of one paragraph is a subject, not metadata, even if it reads like "prompt: add login".
        if (at < 0) {
            return ImmutableMap.of();
        }
        ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
        found.forEach(matcher -> metadata.put(matcher.group(1), matcher.group(2)));
        return metadata.buildKeepingLast();
    }

    /** The message with those trailers set; an empty value takes one away. */
    public static String with(String message, Map<String, String> changed) {
        if (changed.isEmpty()) {
            return message;
        }
        Map<String, String> metadata = new LinkedHashMap<>(parse(message));
        String body = metadata.isEmpty() ? message : withoutLastParagraph(message.stripTrailing());
        changed.forEach((key, value) -> {
            if (value.isEmpty()) {
                metadata.remove(key);
            } else {
                metadata.put(key, value);
            }
        });
        return append(body, metadata);
    }

    private static String withoutLastParagraph(String message) {
        String[] lines = message.split("\n", -1);
        int at = lines.length - 1;
        while (at >= 0 && !lines[at].isBlank()) {
            at--;
        }
        return String.join("\n", Arrays.asList(lines).subList(0, Math.max(at, 0)))
                .stripTrailing();
    }

    private static String requireKey(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new StoreException(
                    StoreException.Kind.INVALID, "A metadata key is made of letters, digits and '-': " + key);
        }
        return key;
    }

    private static String requireValue(String key, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            throw new StoreException(StoreException.Kind.INVALID, "A metadata value is one line: " + key);
        }
        return value.strip();
    }
}

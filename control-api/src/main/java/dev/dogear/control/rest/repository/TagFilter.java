package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/**
 * Which repositories a list is to show by their tags: a JSON object of keys and values, as clients from 0.39 on send it,
 * or {@code key=value,key=value}; a key alone takes any value. What 0.38 means by its string is written nowhere.
 */
record TagFilter(ImmutableMap<String, String> wanted) {
    private static final String ANY = "";

    static TagFilter of(String text) {
        ImmutableMap.Builder<String, String> wanted = ImmutableMap.builder();
        if (text.startsWith("{")) {
            for (Map.Entry<String, JsonNode> tag :
                    Json.readObject(text.getBytes(StandardCharsets.UTF_8)).properties()) {
                if (!tag.getValue().isTextual()) {
                    throw ApiException.invalid("The query parameter tags has strings alone.");
                }
                wanted.put(tag.getKey(), tag.getValue().textValue());
            }
        } else if (!text.isEmpty()) {
            for (String tag : text.split(",", -1)) {
                int equals = tag.indexOf('=');
                wanted.put(equals < 0 ? tag : tag.substring(0, equals), equals < 0 ? ANY : tag.substring(equals + 1));
            }
        }
        return new TagFilter(wanted.buildKeepingLast());
    }

    boolean takes(Map<String, String> tags) {
        return wanted.entrySet().stream()
                .allMatch(tag -> tag.getValue().equals(ANY)
                        ? tags.containsKey(tag.getKey())
                        : Objects.equals(tags.get(tag.getKey()), tag.getValue()));
    }
}

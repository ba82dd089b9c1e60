package dev.dogear.control.rest.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dogear.control.http.ApiException;
import dev.dogear.control.http.Body;
import java.util.Map;

/** The field {@code tags} of a request: strings to be set; a null takes the tag off. */
record TagChange(ImmutableMap<String, String> set, ImmutableSet<String> removed) {
    static TagChange of(Body body) {
        JsonNode tags = body.node("tags");
        if (tags != null && !tags.isObject()) {
            throw ApiException.invalid("The field tags is an object of strings.");
        }
        ImmutableMap.Builder<String, String> set = ImmutableMap.builder();
        ImmutableSet.Builder<String> removed = ImmutableSet.builder();
        if (tags != null) {
            for (Map.Entry<String, JsonNode> tag : tags.properties()) {
                if (tag.getValue().isNull()) {
                    removed.add(tag.getKey());
                } else if (tag.getValue().isTextual()) {
                    set.put(tag.getKey(), tag.getValue().textValue());
                } else {
                    throw ApiException.invalid("The tag " + tag.getKey() + " is a string.");
                }
            }
        }
        return new TagChange(set.buildOrThrow(), removed.build());
    }
}

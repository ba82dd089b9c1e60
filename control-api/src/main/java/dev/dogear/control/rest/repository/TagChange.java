package dev.dogear.control.rest.repository;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dogear.control.http.Body;

/** The field {@code tags} of a request: strings to be set; a null takes the tag off. */
record TagChange(ImmutableMap<String, String> set, ImmutableSet<String> removed) {
    static TagChange of(Body body) {
        ImmutableMap.Builder<String, String> set = ImmutableMap.builder();
        ImmutableSet.Builder<String> removed = ImmutableSet.builder();
        body.tags().forEach((tag, value) -> {
            if (value == null) {
                removed.add(tag);
            } else {
                set.put(tag, value);
            }
        });
        return new TagChange(set.buildOrThrow(), removed.build());
    }
}

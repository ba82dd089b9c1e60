package dev.dogear.control.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A key as its row in the daemon's tables. */
final class KeyCodec {
    /** A row of another one is not understood. */
    private static final int FORMAT = 1;

    private static final JsonMapper JSON = new JsonMapper();

    private KeyCodec() {}

    static byte[] encode(Key key) {
        ObjectNode row = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("name", key.name())
                .put("hash", key.hash())
                .put("scope", key.limits().scope().text());
        put(row, "repositories", key.limits().repositories());
        put(row, "bookmarks", key.limits().bookmarks());
        put(row, "seen", key.limits().seen());
        ObjectNode tags = row.putObject("tags");
        key.tags().forEach(tags::put);
        Key.Times times = key.times();
        row.put("created", times.created().toString());
        row.put("expires", Objects.toString(times.expires(), null));
        row.put("revoked", Objects.toString(times.revoked(), null));
        row.put("used", Objects.toString(times.used(), null));
        try {
            return JSON.writeValueAsBytes(row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ObjectNode row, String field, @Nullable List<String> texts) {
        if (texts != null) {
            ArrayNode array = row.putArray(field);
            texts.forEach(array::add);
        }
    }

    /** @throws StoreException CORRUPT, NEWER_FORMAT: a key that is not understood must not open anything, nor be dropped */
    static Key decode(String id, byte[] bytes) {
        try {
            JsonNode row = JSON.readTree(bytes);
            if (row.path("format").asInt() > FORMAT) {
                throw new StoreException(Kind.NEWER_FORMAT, "The key " + id + " was made by a newer Dogear; use that");
            }
            ImmutableSortedMap.Builder<String, String> tags = ImmutableSortedMap.naturalOrder();
            row.path("tags")
                    .properties()
                    .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
            ImmutableList<String> seen = texts(row, "seen");
            return new Key(
                    id,
                    row.path("name").isTextual() ? row.path("name").textValue() : null,
                    row.required("hash").textValue(),
                    new Key.Limits(
                            Scope.parse(row.required("scope").textValue()),
                            texts(row, "repositories"),
                            texts(row, "bookmarks"),
                            seen == null ? ImmutableList.of() : seen),
                    tags.buildOrThrow(),
                    new Key.Times(
                            Objects.requireNonNull(time(row, "created")),
                            time(row, "expires"),
                            time(row, "revoked"),
                            time(row, "used")));
        } catch (IOException | IllegalArgumentException | DateTimeException | NullPointerException e) {
            throw new StoreException(Kind.CORRUPT, "The row of the key " + id + " cannot be read", e);
        }
    }

    private static @Nullable ImmutableList<String> texts(JsonNode row, String field) {
        if (!row.has(field)) {
            return null;
        }
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        row.path(field).forEach(each -> texts.add(each.textValue()));
        return texts.build();
    }

    private static @Nullable Instant time(JsonNode row, String field) {
        return row.path(field).isTextual() ? Instant.parse(row.path(field).textValue()) : null;
    }
}

package dev.dogear.control.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Person;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JSON object of a request, read field by field. Fields nobody asks for are ignored; a null is as good as absent. */
public final class Body {
    private static final Pattern COMMIT_ID = Pattern.compile("[0-9a-f]{" + Change.COMMIT_ID_DIGITS + "}");

    private final ObjectNode object;

    public Body(ObjectNode object) {
        this.object = object;
    }

    /** Whether the field is there, be it null. */
    public boolean has(String field) {
        return object.has(field);
    }

    /** The field, unless it is absent or null. */
    @Nullable
    public JsonNode node(String field) {
        JsonNode node = object.get(field);
        return node == null || node.isNull() ? null : node;
    }

    public Optional<String> text(String field) {
        JsonNode node = node(field);
        if (node != null && !node.isTextual()) {
            throw ApiException.invalid("The field " + field + " is a string.");
        }
        return Optional.ofNullable(node).map(JsonNode::textValue);
    }

    /** The names of all fields. */
    public ImmutableList<String> names() {
        return ImmutableList.copyOf(object.fieldNames());
    }

    /** A string of at least one character. */
    public String required(String field) {
        return text(field)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> ApiException.invalid("The field " + field + " is missing."));
    }

    /** An array of strings, empty if it is absent. */
    public ImmutableList<String> texts(String field) {
        JsonNode list = node(field);
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        if (list == null) {
            return texts.build();
        }
        boolean strings = list.isArray();
        for (JsonNode each : list) {
            strings &= each.isTextual();
            texts.add(each.asText());
        }
        if (!strings) {
            throw ApiException.invalid("The field " + field + " is an array of strings.");
        }
        return texts.build();
    }

    public boolean flag(String field, boolean standard) {
        JsonNode node = node(field);
        if (node != null && !node.isBoolean()) {
            throw ApiException.invalid("The field " + field + " is true or false.");
        }
        return node == null ? standard : node.booleanValue();
    }

    public int number(String field, int standard, int least, int most) {
        JsonNode node = node(field);
        if (node == null) {
            return standard;
        }
        if (!node.isInt() || node.intValue() < least || node.intValue() > most) {
            throw ApiException.invalid("The field " + field + " is a number from " + least + " to " + most + ".");
        }
        return node.intValue();
    }

    public Optional<ChangeId> changeId(String field) {
        return text(field).map(text -> parseChangeId(field, text));
    }

    public static ChangeId parseChangeId(String field, String text) {
        try {
            return ChangeId.parse(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(field + ": " + e.getMessage());
        }
    }

    /** A path of the daemon's machine. */
    public Path path(String field) {
        return parsePath(required(field));
    }

    public static Path parsePath(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            throw ApiException.invalid("This is no path of a file: " + e.getReason());
        }
        throw ApiException.invalid("The path must be absolute: the daemon has its own working directory.");
    }

    /** How long something lasts; null if the field is absent or null. */
    public @Nullable Duration seconds(String field, int least, int most) {
        return node(field) == null ? null : Duration.ofSeconds(number(field, least, least, most));
    }

    /** A commit id as answers have it: {@code current_commit_oid}. */
    public Optional<String> commitId(String field) {
        Optional<String> id = text(field);
        if (id.isPresent() && !COMMIT_ID.matcher(id.get()).matches()) {
            throw ApiException.invalid("The field " + field + " is " + Change.COMMIT_ID_DIGITS
                    + " lower-case hexadecimal digits, such as a commit's oid.");
        }
        return id;
    }

    /** The strings of {@code tags}; null for one that is to be taken off. */
    public Map<String, @Nullable String> tags() {
        Map<String, @Nullable String> tags = new LinkedHashMap<>();
        JsonNode node = node("tags");
        if (node != null && !node.isObject()) {
            throw ApiException.invalid("The field tags is an object of strings.");
        } else if (node != null) {
            node.properties().forEach(tag -> {
                if (!tag.getValue().isTextual() && !tag.getValue().isNull()) {
                    throw ApiException.invalid("The tag " + tag.getKey() + " is a string, or null to remove it.");
                }
                tags.put(tag.getKey(), tag.getValue().textValue());
            });
        }
        return tags;
    }

    /** The people of {@code authors[]}, or the one of {@code author}, or nobody. */
    public ImmutableList<Person> authors() {
        ImmutableList.Builder<Person> people = ImmutableList.builder();
        JsonNode list = node("authors");
        if (list != null && !list.isArray()) {
            throw ApiException.invalid("The field authors is an array of {name, email}.");
        } else if (list != null) {
            list.forEach(person -> people.add(person(person)));
        } else if (node("author") != null) {
            people.add(person(object.get("author")));
        }
        return people.build();
    }

    /** One person of that field. */
    public Optional<Person> person(String field) {
        return Optional.ofNullable(node(field)).map(Body::person);
    }

    private static Person person(JsonNode node) {
        String name = node.path("name").asText();
        String email = node.path("email").asText();
        if (name.isBlank() || name.concat(email).chars().anyMatch(c -> c < ' ' || c == '<' || c == '>')) {
            throw ApiException.invalid("An author is {name, email} with a name, and no control character, < or >.");
        }
        return new Person(name, email);
    }

    /** The strings of {@code metadata}. */
    public ImmutableMap<String, String> metadata() {
        ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
        JsonNode node = node("metadata");
        if (node != null && !node.isObject()) {
            throw ApiException.invalid("The field metadata is an object of strings.");
        } else if (node != null) {
            node.properties().forEach(field -> {
                if (!field.getValue().isTextual()) {
                    throw ApiException.invalid("The metadata " + field.getKey() + " is a string.");
                }
                metadata.put(field.getKey(), field.getValue().textValue());
            });
        }
        return metadata.buildOrThrow();
    }
}

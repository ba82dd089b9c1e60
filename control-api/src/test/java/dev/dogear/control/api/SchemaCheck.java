package dev.dogear.control.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Compares a value with a schema of the OpenAPI document: the words of JSON Schema that document uses, no others. Stricter
 * than the standard: a field that the schema does not name is a fault, so that the document names all there are.
 */
final class SchemaCheck {
    private final JsonNode document;

    SchemaCheck(JsonNode document) {
        this.document = document;
    }

    /** What is wrong, nothing if all is right. */
    List<String> faults(JsonNode schema, JsonNode value, String at) {
        List<String> faults = new ArrayList<>();
        if (schema.has("$ref")) {
            JsonNode named = document.at(schema.path("$ref").asText().substring(1));
            return named.isMissingNode()
                    ? List.of(at + ": no shape " + schema.path("$ref").asText())
                    : faults(named, value, at);
        }
        if (schema.has("anyOf")) {
            List<String> closest = List.of();
            for (JsonNode each : schema.path("anyOf")) {
                List<String> found = faults(each, value, at);
                if (found.isEmpty()) {
                    return found;
                }
                closest = value.isNull() || each.path("type").asText().equals("null") ? closest : found;
            }
            return closest.isEmpty() ? List.of(at + ": fits no alternative: " + value) : closest;
        }
        if (schema.has("enum")) {
            for (JsonNode each : schema.path("enum")) {
                if (each.equals(value)) {
                    return faults;
                }
            }
            return List.of(at + ": " + value + " is none of " + schema.path("enum"));
        }
        switch (schema.path("type").asText()) {
            case "string" -> string(schema, value, at, faults);
            case "integer" -> require(value.isIntegralNumber(), value, at, "an integer", faults);
            case "number" -> require(value.isNumber(), value, at, "a number", faults);
            case "boolean" -> require(value.isBoolean(), value, at, "a boolean", faults);
            case "null" -> require(value.isNull(), value, at, "null", faults);
            case "array" -> array(schema, value, at, faults);
            case "object" -> object(schema, value, at, faults);
            default -> faults.add(at + ": a schema without a type: " + schema);
        }
        return faults;
    }

    private static void require(boolean right, JsonNode value, String at, String what, List<String> faults) {
        if (!right) {
            faults.add(at + ": " + value + " is not " + what);
        }
    }

    private static void string(JsonNode schema, JsonNode value, String at, List<String> faults) {
        require(value.isTextual(), value, at, "a string", faults);
        if (schema.has("pattern")) {
            require(value.asText().matches(schema.path("pattern").asText()), value, at, schema + "", faults);
        }
        if (value.isTextual() && schema.path("format").asText().equals("date-time")) {
            require(!Instant.parse(value.asText()).equals(Instant.MIN), value, at, "a moment", faults);
        }
    }

    private void array(JsonNode schema, JsonNode value, String at, List<String> faults) {
        require(value.isArray(), value, at, "an array", faults);
        for (int i = 0; i < value.size(); i++) {
            faults.addAll(faults(schema.path("items"), value.get(i), at + "/" + i));
        }
    }

    private void object(JsonNode schema, JsonNode value, String at, List<String> faults) {
        require(value.isObject(), value, at, "an object", faults);
        for (JsonNode name : schema.path("required")) {
            require(value.has(name.asText()), value, at, "complete: it lacks " + name, faults);
        }
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String below = at + "/" + field.getKey();
            if (properties.has(field.getKey())) {
                faults.addAll(faults(properties.path(field.getKey()), field.getValue(), below));
            } else if (others.isObject()) {
                faults.addAll(faults(others, field.getValue(), below));
            } else if (!properties.isMissingNode()) {
                faults.add(below + ": a field the document does not name");
            }
        }
    }
}

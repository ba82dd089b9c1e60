package dev.dogear.control.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dogear.control.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * JSON schemas from the short form of the resources. An object lists its fields, a {@code ?} ends the name of one that may
 * be absent. A type is a word or the name of a shape; {@code []} after it makes an array, <code>{}</code> an object with
 * any keys; {@code |} stands between alternatives, {@code null} among them; words in quotes are the values there are.
 */
final class Shapes {
    private static final String NAMED = "#/components/schemas/";

    private Shapes() {}

    static ObjectNode object(JsonNode fields) {
        ObjectNode schema = Json.object().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        List<String> required = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            String name = field.getKey();
            boolean optional = name.endsWith("?");
            String plain = optional ? name.substring(0, name.length() - 1) : name;
            properties.set(plain, type(field.getValue().textValue()));
            if (!optional) {
                required.add(plain);
            }
        }
        if (!required.isEmpty()) {
            ArrayNode names = schema.putArray("required");
            required.forEach(names::add);
        }
        return schema;
    }

    static ObjectNode type(String text) {
        List<String> choices = choices(text);
        if (choices.size() > 1 || choices.get(0).startsWith("'")) {
            return alternatives(choices);
        }
        if (text.endsWith("[]")) {
            ObjectNode array = Json.object().put("type", "array");
            array.set("items", type(bare(text)));
            return array;
        }
        if (text.endsWith("{}")) {
            ObjectNode map = Json.object().put("type", "object");
            map.set("additionalProperties", type(bare(text)));
            return map;
        }
        return Character.isUpperCase(text.charAt(0))
                ? Json.object().put("$ref", NAMED + text)
                : Json.object().put("type", text);
    }

    private static ObjectNode alternatives(List<String> choices) {
        ObjectNode schema = Json.object();
        if (choices.stream().allMatch(choice -> choice.startsWith("'") || choice.equals("null"))) {
            ArrayNode values = schema.putArray("enum");
            choices.forEach(
                    choice -> values.add(choice.equals("null") ? null : choice.substring(1, choice.length() - 1)));
            return schema;
        }
        ArrayNode any = schema.putArray("anyOf");
        choices.forEach(choice -> any.add(type(choice)));
        return schema;
    }

    /** Split at the bars that stand in no bracket. */
    private static List<String> choices(String text) {
        List<String> choices = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == '|' && depth == 0) {
                choices.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        choices.add(text.substring(begin));
        return choices;
    }

    /** Without the last two characters, and without the brackets around the rest. */
    private static String bare(String text) {
        String inner = text.substring(0, text.length() - 2);
        return inner.startsWith("(") ? inner.substring(1, inner.length() - 1) : inner;
    }
}

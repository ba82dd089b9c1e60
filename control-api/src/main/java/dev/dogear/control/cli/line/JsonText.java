package dev.dogear.control.cli.line;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as plain maps, lists, strings, numbers and booleans. The streaming parser starts faster than data binding. */
public final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    /** The object those bytes spell. */
    public static Fields object(byte[] bytes) {
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            parser.nextToken();
            if (value(parser) instanceof Map<?, ?> map) {
                return new Fields(map);
            }
            throw new IOException("no JSON object");
        } catch (IOException e) {
            throw new CommandException(ExitCode.FAILED, "The daemon's answer is not understood: " + e.getMessage());
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("nothing there");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    /** The JSON of maps, collections, strings, numbers, booleans and null. */
    public static byte[] write(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            write(generator, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                generator.writeFieldName(entry.getKey() + "");
                write(generator, entry.getValue());
            }
            generator.writeEndObject();
        } else if (value instanceof Collection<?> list) {
            generator.writeStartArray();
            for (Object each : list) {
                write(generator, each);
            }
            generator.writeEndArray();
        } else {
            generator.writeObject(value);
        }
    }

    /** The fields of an answer. One that is absent or null reads as empty, 0, false or no entries. */
    public record Fields(Map<?, ?> map) {
        public String text(String name) {
            Object value = map.get(name);
            return value == null ? "" : value.toString();
        }

        public long number(String name) {
            return map.get(name) instanceof Number number ? number.longValue() : 0;
        }

        public boolean flag(String name) {
            return Boolean.TRUE.equals(map.get(name));
        }

        public boolean has(String name) {
            return map.get(name) != null;
        }

        public Fields object(String name) {
            return map.get(name) instanceof Map<?, ?> inner ? new Fields(inner) : new Fields(Map.of());
        }

        /** The objects of an array. */
        public List<Fields> objects(String name) {
            List<Fields> objects = new ArrayList<>();
            for (Object each : values(name)) {
                if (each instanceof Map<?, ?> inner) {
                    objects.add(new Fields(inner));
                }
            }
            return objects;
        }

        /** The values of an array, as text. */
        public List<String> texts(String name) {
            List<String> texts = new ArrayList<>();
            values(name).forEach(each -> texts.add(String.valueOf(each)));
            return texts;
        }

        private List<?> values(String name) {
            return map.get(name) instanceof List<?> list ? list : List.of();
        }
    }
}

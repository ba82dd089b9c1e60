package dev.dogear.control.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The fields of an answer. One that is absent or null reads as empty, 0, false or no entries. */
record Fields(Map<?, ?> map) {
    String text(String name) {
        Object value = map.get(name);
        return value == null ? "" : value.toString();
    }

    long number(String name) {
        return map.get(name) instanceof Number number ? number.longValue() : 0;
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(map.get(name));
    }

    boolean has(String name) {
        return map.get(name) != null;
    }

    Fields object(String name) {
        return map.get(name) instanceof Map<?, ?> inner ? new Fields(inner) : new Fields(Map.of());
    }

    /** The objects of an array. */
    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        for (Object each : values(name)) {
            if (each instanceof Map<?, ?> inner) {
                objects.add(new Fields(inner));
            }
        }
        return objects;
    }

    /** The values of an array, as text. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        values(name).forEach(each -> texts.add(String.valueOf(each)));
        return texts;
    }

    private List<?> values(String name) {
        return map.get(name) instanceof List<?> list ? list : List.of();
    }
}
